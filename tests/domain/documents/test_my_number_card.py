"""The My Number Card's room."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.my_number_card import (
    card_identity,
    masked,
    parse_number,
    signals,
    velocity_identity,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Chip, ChipOutcome
from tests.domain.builders import READ_CHIP, TODAY, applicant, my_number_card


def expiry_of(
    birth: date, issue: date | None, expiry: date | None, name: str = "山田 太郎"
) -> tuple[bool, bool]:
    """Return whether expiry and term are consistent."""
    found = signals(
        my_number_card(issue_date=issue, expiry_date=expiry),
        applicant(birth_date=birth, name=name),
        TODAY,
    )
    return found.expiry_consistent, found.term_consistent


def test_an_ordinary_card_raises_nothing() -> None:
    found = signals(my_number_card(), applicant(), TODAY)
    assert found == DocumentSignals(chip=found.chip, identified=True, has_certificate=True)
    assert found.chip.verified


@pytest.mark.parametrize(
    "raw", ["123456789018", "１２３４ ５６７８ ９０１８", "1", "AB12345678CD", " "]
)
def test_no_number_is_taken(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="none that may be sent") as refusal:
        parse_number(raw)
    assert raw.strip() == "" or raw not in str(refusal.value)


def test_no_number_is_right() -> None:
    assert parse_number("") == ""
    assert card_identity(my_number_card()) is None
    assert masked(my_number_card()) == "My Number Card"


def test_the_card_is_known_by_its_certificate_else_by_its_face_image_else_by_its_holder() -> None:
    card = my_number_card()
    assert velocity_identity(card, applicant()) == "my_number_card|JPN|certificate|1a2b3c"
    card = my_number_card(chip=READ_CHIP)
    assert velocity_identity(card, applicant()) == f"my_number_card|JPN|face|{'11' * 32}"
    card = my_number_card(chip=Chip())
    assert (
        velocity_identity(card, applicant())
        == "my_number_card|JPN|holder|ヤマダタロウ|1990-05-05|2033-05-05"
    )
    card = my_number_card(chip=Chip(), expiry_date=None)
    assert (
        velocity_identity(card, applicant(name_kana=""))
        == "my_number_card|JPN|holder|山田太郎|1990-05-05|"
    )


def test_a_card_known_by_its_holder_only_is_not_identified() -> None:
    assert not signals(my_number_card(chip=Chip()), applicant(), TODAY).identified
    assert signals(my_number_card(chip=READ_CHIP), applicant(), TODAY).identified


@pytest.mark.parametrize(
    ("chip", "unread"),
    [
        (Chip(outcome=ChipOutcome.READ), False),
        (Chip(outcome=ChipOutcome.NOT_ATTEMPTED), True),
        (Chip(outcome=ChipOutcome.FAILED), True),
        (Chip(outcome=ChipOutcome.ABSENT), True),
        (Chip(outcome=ChipOutcome.PIN_LOCKED), True),
        (Chip(outcome=ChipOutcome.PIN_LOCKED, pinless_area_read=True), False),
    ],
)
def test_a_forgotten_pin_is_no_excuse_unless_the_face_data_was_read(
    chip: Chip, unread: bool
) -> None:
    found = signals(my_number_card(chip=chip), applicant(), TODAY)
    assert found.my_number_card_chip_unread is unread


@pytest.mark.parametrize(
    ("birth", "issue", "expiry", "right"),
    [
        (date(1990, 5, 5), date(2024, 3, 1), date(2033, 5, 5), True),
        (date(1990, 5, 5), date(2024, 6, 1), date(2034, 5, 5), True),
        (date(1990, 5, 5), date(2024, 5, 5), date(2034, 5, 5), True),
        (date(1990, 5, 5), date(2024, 3, 1), date(2032, 5, 5), False),
        (date(1990, 5, 5), date(2024, 3, 1), date(2033, 5, 6), False),
        (date(2010, 5, 5), date(2024, 3, 1), date(2028, 5, 5), True),
        (date(2010, 5, 5), date(2024, 3, 1), date(2033, 5, 5), False),
        (date(2002, 5, 5), date(2022, 3, 1), date(2026, 5, 5), True),
        (date(2002, 5, 5), date(2022, 3, 1), date(2031, 5, 5), False),
        (date(2003, 5, 5), date(2022, 7, 1), date(2027, 5, 5), True),
        (date(2003, 5, 5), date(2022, 7, 1), date(2032, 5, 5), True),
        (date(2005, 5, 5), date(2023, 7, 1), date(2028, 5, 5), False),
        (date(2005, 5, 5), date(2023, 7, 1), date(2033, 5, 5), True),
        (date(2004, 2, 1), date(2022, 1, 31), date(2026, 2, 1), True),
        (date(2002, 4, 1), date(2022, 3, 31), date(2027, 4, 1), False),
        (date(2002, 4, 1), date(2022, 3, 31), date(2026, 4, 1), True),
        (date(2002, 4, 2), date(2022, 4, 1), date(2032, 4, 2), False),
        (date(2002, 4, 2), date(2022, 4, 1), date(2031, 4, 2), True),
        (date(2002, 4, 2), date(2022, 4, 1), date(2026, 4, 2), True),
        (date(2002, 4, 1), date(2022, 4, 1), date(2032, 4, 1), True),
        (date(2002, 4, 1), date(2022, 4, 1), date(2027, 4, 1), False),
        (date(2003, 4, 2), date(2023, 3, 31), date(2027, 4, 2), True),
        (date(2003, 4, 2), date(2023, 4, 1), date(2027, 4, 2), False),
        (date(2003, 4, 2), date(2023, 4, 1), date(2032, 4, 2), True),
        (date(2004, 4, 1), date(2022, 4, 1), date(2032, 4, 1), True),
        (date(2004, 4, 2), date(2022, 4, 1), date(2031, 4, 2), False),
        (date(2002, 3, 31), date(2022, 3, 31), date(2032, 3, 31), True),
        (date(2002, 3, 31), date(2022, 3, 31), date(2027, 3, 31), False),
        (date(2003, 3, 31), date(2023, 3, 31), date(2028, 3, 31), False),
        (date(1990, 3, 1), date(2024, 3, 2), date(2034, 2, 28), False),
        (date(1992, 2, 29), date(2024, 3, 1), date(2034, 2, 27), False),
        (date(1992, 2, 29), date(2024, 3, 1), date(2034, 2, 28), True),
        (date(1992, 2, 29), date(2024, 3, 1), date(2034, 3, 1), True),
        (date(1992, 2, 29), date(2022, 3, 1), date(2032, 2, 29), True),
        (date(1990, 5, 5), None, date(2033, 5, 5), True),
        (date(1990, 5, 5), None, date(2033, 5, 6), False),
        (date(1990, 5, 5), None, None, True),
    ],
)
def test_a_card_expires_on_the_right_birthday(
    birth: date, issue: date | None, expiry: date | None, right: bool
) -> None:
    assert expiry_of(birth, issue, expiry)[0] is right


@pytest.mark.parametrize(
    ("issue", "expiry", "holds"),
    [
        (date(2024, 3, 1), date(2033, 5, 5), True),
        (date(2024, 3, 1), date(2034, 5, 5), False),
        (date(2024, 3, 1), date(2024, 3, 1), False),
        (date(2026, 11, 24), date(2036, 5, 5), True),
        (date(2026, 11, 25), date(2036, 5, 5), False),
        (date(2026, 11, 25), None, False),
        (date(2024, 3, 1), None, True),
        (None, date(2036, 5, 5), True),
        (None, date(2037, 5, 5), False),
        (None, None, True),
    ],
)
def test_a_card_does_not_outlive_its_term(
    issue: date | None, expiry: date | None, holds: bool
) -> None:
    assert expiry_of(date(1990, 5, 5), issue, expiry)[1] is holds


@pytest.mark.parametrize("name", ["NGUYEN THI LAN", "ＫＩＭ ＭＩＮＪＵＮ", "Łukasz"])
def test_a_foreign_residents_card_may_expire_with_the_stay(name: str) -> None:
    issue = date(2024, 3, 1)
    assert expiry_of(date(1990, 5, 5), issue, date(2027, 1, 31), name) == (True, True)
    assert expiry_of(date(1990, 5, 5), issue, date(2034, 1, 31), name) == (True, False)


def test_expiry_counts_from_the_next_day_and_a_missing_one_is_said_to_miss() -> None:
    holder = applicant()
    last = my_number_card(expiry_date=TODAY)
    assert signals(last, holder, TODAY).days_since_expiry == 0
    past = replace(last, expiry_date=date(2026, 11, 21))
    assert signals(past, holder, TODAY).days_since_expiry == 3
    assert signals(replace(last, expiry_date=None), holder, TODAY).dates_missing
