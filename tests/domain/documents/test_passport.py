"""The passport's room."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.passport import (
    card_identity,
    masked,
    parse_number,
    signals,
    velocity_identity,
)
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Applicant, Chip, ChipOutcome, IdentityDocument
from tests.domain.builders import MRZ, TODAY, applicant, passport

HOLDER = applicant(name="Anna Maria Eriksson", birth_date=date(1974, 8, 12))
JAPANESE = replace(
    passport(),
    issuing_country="JPN",
    number="TR1234567",
    issue_date=date(2019, 5, 1),
    expiry_date=date(2029, 5, 1),
    mrz_lines=(),
)


def of(document: IdentityDocument, holder: Applicant = HOLDER) -> DocumentSignals:
    """Return the signals on a day on which the specimen still held."""
    specimen = document.mrz_lines == MRZ
    return signals(document, holder, date(2012, 4, 1) if specimen else TODAY)


def test_a_passport_whose_zone_agrees_raises_nothing_but_that_it_is_not_accepted_alone() -> None:
    found = of(passport())
    assert found == DocumentSignals(chip=found.chip, identified=True, accepted_alone=False)
    assert not found.chip.expected


def test_a_passport_without_its_zone_has_no_valid_one_and_none_that_disagrees() -> None:
    found = of(passport(mrz_lines=()))
    assert not found.mrz_valid
    assert found.mrz_agrees


def test_a_zone_whose_check_digits_fail_is_not_valid() -> None:
    assert not of(passport(mrz_lines=(MRZ[0], f"{MRZ[1][:-1]}1"))).mrz_valid


@pytest.mark.parametrize(
    "document",
    [
        passport(number="L898902C4"),
        passport(expiry_date=date(2012, 4, 16)),
    ],
)
def test_a_zone_with_another_number_or_expiry_disagrees(document: IdentityDocument) -> None:
    assert not of(document).mrz_agrees


def test_a_zone_with_another_birth_date_disagrees() -> None:
    assert not of(passport(), applicant(birth_date=date(1974, 8, 13))).mrz_agrees


@pytest.mark.parametrize(
    "document",
    [passport(number=""), passport(expiry_date=None), passport(number="L898902C3X")],
)
def test_a_zone_is_compared_with_what_was_sent_only(document: IdentityDocument) -> None:
    assert of(document).mrz_agrees


@pytest.mark.parametrize(
    ("number", "valid"),
    [("TR1234567", True), ("T12345678", False), ("TRA123456", False), ("", True)],
)
def test_a_japanese_number_of_another_shape_is_a_fact(number: str, valid: bool) -> None:
    assert of(replace(JAPANESE, number=number)).number_valid is valid
    assert of(replace(JAPANESE, number=number, issuing_country="FRA")).number_valid


@pytest.mark.parametrize(
    ("issue", "country", "alone"),
    [
        (date(2020, 2, 3), "JPN", True),
        (date(2020, 2, 4), "JPN", False),
        (None, "JPN", False),
        (date(2019, 1, 1), "FRA", False),
    ],
)
def test_only_a_japanese_passport_shown_to_have_an_address_page_is_accepted_alone(
    issue: date | None, country: str, alone: bool
) -> None:
    document = replace(JAPANESE, issue_date=issue, issuing_country=country)
    assert of(document).accepted_alone is alone


def test_a_japanese_passport_holds_ten_years_at_most_and_has_a_chip() -> None:
    assert of(JAPANESE).term_consistent
    long = replace(JAPANESE, expiry_date=date(2029, 5, 5), chip=Chip(outcome=ChipOutcome.ABSENT))
    assert not of(long).term_consistent
    assert of(long).chip.absent
    foreign = of(replace(long, issuing_country="FRA"))
    assert foreign.term_consistent
    assert not foreign.chip.absent


def test_expiry_and_missing_dates_are_told() -> None:
    assert signals(JAPANESE, HOLDER, date(2029, 5, 3)).days_since_expiry == 2
    assert of(replace(JAPANESE, expiry_date=None)).dates_missing


def test_a_passport_is_its_country_and_number() -> None:
    assert card_identity(JAPANESE) == "passport|JPN|TR1234567"
    assert velocity_identity(passport(), HOLDER) == "passport|FRA|L898902C3"
    assert card_identity(passport()) != card_identity(passport(issuing_country="BEL"))
    assert card_identity(passport(number="")) is None
    assert masked(JAPANESE).endswith("4567")


@pytest.mark.parametrize(
    ("raw", "expected"), [("ｔｒ 123-4567", "TR1234567"), ("", ""), ("12345678901", "12345678901")]
)
def test_a_number_is_read_however_written(raw: str, expected: str) -> None:
    assert parse_number(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("TR", "3 to 20"),
        ("A" * 21, "3 to 20"),
        ("TR12345番", "3 to 20"),
        ("123456789018", "Individual Number"),
        ("1234 5678 9017", "Individual Number"),
    ],
)
def test_another_grammar_and_twelve_digits_are_refused(raw: str, expected: str) -> None:
    with pytest.raises(MalformedIdentifierError, match=expected):
        parse_number(raw)
