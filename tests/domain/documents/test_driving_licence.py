"""The driving licence's room."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.driving_licence import (
    card_identity,
    check_reissue_count,
    masked,
    parse_number,
    reissue_digit,
    signals,
    velocity_identity,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Chip, ChipOutcome, LicenceColour
from tests.domain.builders import (
    LICENCE_NUMBER,
    TODAY,
    applicant,
    licence,
    my_number_card,
    my_number_licence,
)

CLEAN = signals(licence(), applicant(), TODAY)


def of(**changed: Any) -> DocumentSignals:
    return signals(licence(**changed), applicant(), TODAY)


def test_an_ordinary_licence_raises_nothing() -> None:
    assert DocumentSignals(chip=CLEAN.chip, identified=True) == CLEAN
    assert CLEAN.chip.verified


def test_a_licence_whose_check_digit_is_wrong_is_a_fact_and_not_a_violation() -> None:
    number = parse_number("301612345640")
    assert of(number=number) == replace(CLEAN, number_valid=False)


def test_a_licence_without_a_number_is_not_identified_and_nothing_else() -> None:
    assert of(number="", licence_colour=LicenceColour.GOLD) == replace(CLEAN, identified=False)


def test_a_lost_cards_successor_is_another_card_and_the_same_licence() -> None:
    successor = licence(number="301612345631")
    assert card_identity(licence()) == "driving_licence|JPN|301612345630"
    assert card_identity(successor) == "driving_licence|JPN|301612345631"
    assert (
        velocity_identity(licence(), applicant())
        == velocity_identity(successor, applicant())
        == "driving_licence|JPN|30161234563"
    )


def test_a_country_that_the_terminal_sends_makes_no_other_licence() -> None:
    abroad = licence(issuing_country="FRA")
    assert card_identity(abroad) == card_identity(licence())
    assert velocity_identity(abroad, applicant()) == velocity_identity(licence(), applicant())


def test_a_licence_without_a_number_has_no_identity() -> None:
    assert card_identity(licence(number="")) is None
    assert velocity_identity(licence(number=""), applicant()) is None


def test_people_see_the_numbers_end() -> None:
    assert masked(licence()).endswith("5630")
    assert LICENCE_NUMBER[:8] not in masked(licence())


@pytest.mark.parametrize(
    ("changed", "raised"),
    [
        ({"number": "300512345680"}, {"first_year_consistent": False}),
        ({"expiry_date": date(2029, 6, 6)}, {"expiry_consistent": False}),
        ({"issue_date": date(2024, 4, 1)}, {"term_consistent": False}),
        ({"issue_date": date(2026, 11, 25)}, {"term_consistent": False}),
        (
            {"issue_date": None, "expiry_date": date(2032, 6, 5)},
            {"term_consistent": False},
        ),
        ({"issue_date": None}, {}),
    ],
)
def test_each_date_is_judged(changed: dict[str, Any], raised: dict[str, bool]) -> None:
    chip = replace(licence().chip, pinless_issue_date=None, pinless_expiry_date=None)
    found = of(chip=chip, **changed)
    assert found == replace(CLEAN, chip=found.chip, **raised)


def test_a_renewal_on_the_first_day_possible_keeps_within_the_term() -> None:
    # Birthday 31 March; renewal opens on the last day of February, and 30 April is due.
    holder = applicant(birth_date=date(1990, 3, 31))
    early = licence(issue_date=date(2024, 2, 29), expiry_date=date(2029, 4, 30))
    found = signals(early, holder, TODAY)
    assert found.term_consistent
    assert found.expiry_consistent


def test_a_licence_without_its_expiry_date_is_said_to_miss_it() -> None:
    found = of(expiry_date=None)
    assert found.dates_missing
    assert found.expiry_consistent
    assert found.term_consistent
    assert found.days_since_expiry == 0


@pytest.mark.parametrize(
    ("today", "days"),
    [
        (date(2027, 6, 5), 0),
        (date(2027, 6, 7), 0),
        (date(2027, 6, 8), 1),
        (date(2028, 6, 7), 366),
    ],
)
def test_a_licence_that_expires_on_a_saturday_holds_to_monday(today: date, days: int) -> None:
    document = licence(issue_date=date(2024, 5, 1), expiry_date=date(2027, 6, 5))
    assert signals(document, applicant(), today).days_since_expiry == days


@pytest.mark.parametrize(
    ("number", "colour", "issue", "early"),
    [
        ("302012345610", LicenceColour.GOLD, date(2024, 5, 1), True),
        ("301912345610", LicenceColour.GOLD, date(2024, 5, 1), False),
        ("302012345610", LicenceColour.BLUE, date(2024, 5, 1), False),
        ("302012345610", None, date(2024, 5, 1), False),
        ("302212345610", LicenceColour.GOLD, None, True),
        ("302112345610", LicenceColour.GOLD, None, False),
    ],
)
def test_gold_takes_five_years(
    number: str, colour: LicenceColour | None, issue: date | None, early: bool
) -> None:
    assert of(number=number, licence_colour=colour, issue_date=issue).gold_too_early is early


def test_every_licence_has_a_chip() -> None:
    assert of(chip=Chip(outcome=ChipOutcome.ABSENT)).chip.absent


@pytest.mark.parametrize(
    ("document", "digit"),
    [
        (licence(), 0),
        (licence(number="301612345637"), 7),
        (my_number_licence(), 0),
        (licence(number=""), None),
        (my_number_card(), None),
    ],
)
def test_the_reissue_digit_is_a_licences_last(document: Any, digit: int | None) -> None:
    assert reissue_digit(document) == digit


@pytest.mark.parametrize(
    "document",
    [
        licence(),
        licence(reissue_count=0),
        licence(number="301612345632", reissue_count=2),
        licence(number="301612345632", reissue_count=11),
        licence(number="", reissue_count=3),
        my_number_card(reissue_count=3),
    ],
)
def test_a_reissue_count_that_agrees_or_is_none_passes(document: Any) -> None:
    check_reissue_count(document)


@pytest.mark.parametrize("document", [licence(reissue_count=1), my_number_licence(reissue_count=9)])
def test_a_reissue_count_that_contradicts_the_number_is_a_violation(document: Any) -> None:
    with pytest.raises(MalformedIdentifierError, match="last digit"):
        check_reissue_count(document)
