"""The room of the residence card and the special permanent resident certificate."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.residence_card import (
    card_identity,
    masked,
    parse_number,
    signals,
    velocity_identity,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Chip, ChipOutcome, DocumentType
from tests.domain.builders import TODAY, applicant, residence_card
from tests.domain.vectors import rows


def test_an_ordinary_card_raises_nothing() -> None:
    found = signals(residence_card(), applicant(), TODAY)
    assert found == DocumentSignals(chip=found.chip, identified=True)


@pytest.mark.parametrize(("number", "right"), rows("residence_card"))
def test_the_vectors_of_the_facts_hold(number: str, right: bool) -> None:
    if right:
        assert parse_number(number) == number
    else:
        with pytest.raises(MalformedIdentifierError, match="two letters"):
            parse_number(number)


@pytest.mark.parametrize("raw", ["123456789018", "AB1234567８9CD", "ABC2345678CD"])
def test_another_grammar_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="two letters"):
        parse_number(raw)


def test_a_number_is_read_however_written() -> None:
    assert parse_number("ａｂ 1234-5678 ＣＤ") == "AB12345678CD"
    assert parse_number("") == ""


def test_the_two_kinds_of_card_are_not_the_same_document() -> None:
    certificate = residence_card(type=DocumentType.SPECIAL_PERMANENT_RESIDENT_CERTIFICATE)
    assert card_identity(residence_card()) == "residence_card|JPN|AB12345678CD"
    assert (
        velocity_identity(certificate, applicant())
        == "special_permanent_resident_certificate|JPN|AB12345678CD"
    )
    assert card_identity(residence_card(issuing_country="FRA")) == card_identity(residence_card())
    assert masked(certificate).endswith("78CD")
    assert velocity_identity(residence_card(number=""), applicant()) is None


@pytest.mark.parametrize(
    ("issue", "expiry", "holds"),
    [
        (date(2024, 1, 10), date(2031, 3, 10), True),
        (date(2024, 1, 10), date(2031, 4, 10), False),
        (date(2026, 6, 14), date(2036, 5, 5), True),
        (date(2026, 6, 13), date(2036, 5, 5), False),
        (date(2026, 6, 14), date(2036, 8, 17), True),
        (date(2026, 6, 14), date(2036, 8, 18), False),
    ],
)
def test_a_card_does_not_outlive_its_term(issue: date, expiry: date, holds: bool) -> None:
    card = residence_card(issue_date=issue, expiry_date=expiry)
    assert signals(card, applicant(), TODAY).term_consistent is holds


@pytest.mark.parametrize(
    ("issue", "expiry", "right"),
    [
        (date(2024, 1, 10), date(2027, 5, 4), True),
        (date(2024, 1, 10), date(2025, 1, 10), True),
        (date(2024, 1, 10), date(2027, 5, 5), False),
        (None, date(2027, 5, 5), False),
        (date(2024, 1, 10), None, True),
    ],
)
def test_a_childs_card_expires_before_the_16th_birthday(
    issue: date | None, expiry: date | None, right: bool
) -> None:
    child = applicant(birth_date=date(2011, 5, 5))
    card = residence_card(issue_date=issue, expiry_date=expiry)
    assert signals(card, child, TODAY).expiry_consistent is right


def test_a_card_issued_on_the_16th_birthday_is_a_grown_ups() -> None:
    grown = applicant(birth_date=date(2010, 5, 5))
    card = residence_card(issue_date=date(2026, 5, 5), expiry_date=date(2030, 1, 1))
    assert signals(card, grown, TODAY).expiry_consistent
    assert not signals(replace(card, issue_date=date(2026, 5, 4)), grown, TODAY).expiry_consistent


def test_expiry_chip_and_missing_dates_are_told() -> None:
    card = residence_card(expiry_date=date(2026, 11, 23), chip=Chip(outcome=ChipOutcome.ABSENT))
    found = signals(card, applicant(), TODAY)
    assert found.days_since_expiry == 1
    assert found.chip.absent
    assert signals(replace(card, expiry_date=None), applicant(), TODAY).dates_missing
