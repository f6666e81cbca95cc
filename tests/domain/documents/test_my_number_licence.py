"""The room of the licence held on a My Number Card."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.domain.documents import driving_licence, my_number_card
from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.my_number_licence import (
    card_identity,
    masked,
    parse_number,
    signals,
    velocity_identity,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Chip, ChipOutcome
from tests.domain import builders
from tests.domain.builders import READ_CHIP, TODAY, applicant, licence, my_number_licence


def test_an_ordinary_one_raises_nothing() -> None:
    found = signals(my_number_licence(), applicant(), TODAY)
    assert found == DocumentSignals(chip=found.chip, identified=True, has_certificate=True)


def test_it_counts_as_the_licence_that_it_is() -> None:
    assert velocity_identity(my_number_licence(), applicant()) == (
        driving_licence.velocity_identity(licence(), applicant())
    )
    assert card_identity(my_number_licence()) == driving_licence.card_identity(licence())
    assert masked(my_number_licence()).endswith("5630")


def test_without_a_number_it_counts_as_the_card_that_it_is_on() -> None:
    card = builders.my_number_card()
    bare = my_number_licence(number="", chip=card.chip)
    assert velocity_identity(bare, applicant()) == (
        my_number_card.velocity_identity(card, applicant())
    )
    assert card_identity(bare) is None
    assert masked(bare) == "My Number Card"
    assert signals(bare, applicant(), TODAY).identified
    assert not signals(replace(bare, chip=Chip()), applicant(), TODAY).identified


def test_a_licence_number_is_taken_and_an_individual_number_is_refused() -> None:
    assert parse_number("３０１６１２３４５６３０") == "301612345630"
    assert parse_number("") == ""
    with pytest.raises(MalformedIdentifierError, match="Individual Number"):
        parse_number("123456789018")


def test_the_licences_own_rules_hold() -> None:
    found = signals(
        my_number_licence(number="301612345640", expiry_date=date(2029, 6, 6)), applicant(), TODAY
    )
    assert not found.number_valid
    assert not found.expiry_consistent


def test_nothing_is_printed_so_nothing_differs_from_print() -> None:
    chip = replace(READ_CHIP, pinless_expiry_date=date(2030, 1, 1))
    found = signals(my_number_licence(chip=chip), applicant(), TODAY)
    assert not found.chip.pinless_dates_differ


def test_dates_are_missing_only_where_the_chip_was_read() -> None:
    bare = my_number_licence(issue_date=None, expiry_date=None)
    assert signals(bare, applicant(), TODAY).dates_missing
    unread = replace(bare, chip=Chip(outcome=ChipOutcome.FAILED))
    found = signals(unread, applicant(), TODAY)
    assert not found.dates_missing
    assert found.my_number_card_chip_unread
