"""What a chip says."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from sekisho.domain.documents.chip import NO_CHIP, ChipSignals, chip_signals
from sekisho.domain.sim_change import Chip, ChipField, ChipOutcome, ChipSignature
from tests.domain.builders import licence

LOCKED, REFUSED = ChipOutcome.PIN_LOCKED, ChipOutcome.PIN_REFUSED


def signals(chip: Chip, *, expected: bool = True) -> ChipSignals:
    return chip_signals(licence(chip=chip), expected=expected, compare_dates=True)


def raised(found: ChipSignals) -> set[str]:
    """Return the names of the signals that are true."""
    return {field.name for field in fields(found) if getattr(found, field.name) is True}


def test_a_good_chip_is_read_and_verified_and_raises_nothing_else() -> None:
    assert raised(signals(licence().chip)) == {"expected", "read", "verified"}


def test_no_chip_says_nothing_and_is_absent() -> None:
    assert raised(NO_CHIP) == set()
    assert NO_CHIP.outcome is ChipOutcome.ABSENT


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"signature": ChipSignature.NOT_CHECKED}, {"read"}),
        ({"signature": ChipSignature.INVALID}, {"read", "signature_invalid"}),
        ({"differs_from_print": frozenset({ChipField.PORTRAIT})}, {"read", "differs"}),
        (
            {"differs_from_print": frozenset({ChipField.ADDRESS})},
            {"read", "verified", "address_differs"},
        ),
        ({"pinless_issue_date": date(2024, 5, 2)}, {"read", "pinless_dates_differ"}),
        ({"pinless_expiry_date": date(2029, 6, 6)}, {"read", "pinless_dates_differ"}),
        ({"pinless_issue_date": None, "pinless_expiry_date": None}, {"read", "verified"}),
        ({"outcome": ChipOutcome.NOT_ATTEMPTED}, set()),
        ({"outcome": ChipOutcome.ABSENT}, {"absent"}),
        ({"outcome": ChipOutcome.FAILED}, set()),
        ({"outcome": ChipOutcome.FAILED, "pinless_area_read": False}, {"unreadable"}),
        ({"outcome": REFUSED}, {"pin_problem"}),
        ({"outcome": LOCKED}, {"pin_problem"}),
        ({"outcome": LOCKED, "pinless_area_read": False}, {"pin_problem", "pinless_area_unread"}),
    ],
)
def test_each_signal_has_its_cause(changed: dict[str, Any], expected: set[str]) -> None:
    assert raised(signals(replace(licence().chip, **changed))) == {"expected"} | expected


@pytest.mark.parametrize("what", [field for field in ChipField if field is not ChipField.ADDRESS])
def test_every_field_but_the_address_tells(what: ChipField) -> None:
    assert signals(replace(licence().chip, differs_from_print=frozenset({what}))).differs


@pytest.mark.parametrize(
    ("shown", "unread"),
    [
        ({}, True),
        ({"pinless_issue_date": date(2024, 5, 1)}, False),
        ({"pinless_expiry_date": date(2029, 6, 5)}, False),
        ({"face_image_digest": b"1" * 32}, False),
    ],
)
def test_an_area_of_which_nothing_was_said_is_read_only_where_it_gave_something(
    shown: dict[str, Any], unread: bool
) -> None:
    assert signals(Chip(outcome=REFUSED, **shown)).pinless_area_unread is unread
    assert signals(Chip(outcome=ChipOutcome.FAILED, **shown)).unreadable is unread


def test_a_chip_that_need_not_be_there_is_not_missed() -> None:
    assert raised(signals(Chip(outcome=ChipOutcome.ABSENT), expected=False)) == set()


def test_dates_are_compared_only_where_both_are_known_and_printed() -> None:
    chip = licence().chip
    blank = licence(issue_date=None, expiry_date=None, chip=chip)
    assert not chip_signals(blank, compare_dates=True).pinless_dates_differ
    other = licence(issue_date=date(2020, 1, 1), chip=chip)
    assert not chip_signals(other, compare_dates=False).pinless_dates_differ
