"""The rooms of the handbooks and of any other document."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.documents import free_form, handbook, other
from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.chip import NO_CHIP
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import Chip, ChipOutcome, ChipSignature, DocumentType
from tests.domain.builders import READ_CHIP, TODAY, applicant, document

MENTAL = DocumentType.MENTAL_DISABILITY_HANDBOOK
PHYSICAL = DocumentType.PHYSICAL_DISABILITY_HANDBOOK
INTELLECTUAL = DocumentType.INTELLECTUAL_DISABILITY_HANDBOOK


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("東京都 第１２３４５６号", "東京都第123456号"),
        ("ab-12/34.56", "AB123456"),
        ("", ""),
        ("A", "A"),
        ("A" * 40, "A" * 40),
        ("1234567890123", "1234567890123"),
    ],
)
def test_a_free_form_number_keeps_its_letters_and_digits(raw: str, expected: str) -> None:
    assert handbook.parse_number(raw) == other.parse_number(raw) == expected


@pytest.mark.parametrize("raw", [" ", "--", "A" * 41])
def test_nothing_and_too_much_are_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="1 to 40"):
        other.parse_number(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "123456789018",
        "第123456789012号",
        "1234-5678-9012",
        "1234.5678.9012",
        "2024/12345678",
        "12 123456789018",
    ],
)
def test_twelve_digits_are_refused_whatever_stands_between(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="Individual Number"):
        handbook.parse_number(raw)


@given(st.text())
def test_a_normalised_number_is_its_own_and_has_no_run_of_twelve_digits(raw: str) -> None:
    try:
        number = free_form.parse(raw)
    except MalformedIdentifierError:
        return
    assert free_form.parse(number) == number


@pytest.mark.parametrize("kind", [PHYSICAL, MENTAL, INTELLECTUAL])
def test_a_handbook_has_no_chip_whatever_the_terminal_says(kind: DocumentType) -> None:
    found = handbook.signals(
        document(kind, number="123", expiry_date=date(2028, 1, 1), chip=READ_CHIP),
        applicant(),
        TODAY,
    )
    assert found == DocumentSignals(chip=NO_CHIP, identified=True)


@pytest.mark.parametrize(
    ("kind", "missing"), [(PHYSICAL, False), (INTELLECTUAL, False), (MENTAL, True)]
)
def test_only_the_mental_handbook_must_expire(kind: DocumentType, missing: bool) -> None:
    found = handbook.signals(document(kind), applicant(), TODAY)
    assert found.dates_missing is missing
    assert not found.identified


@pytest.mark.parametrize(("kind", "holds"), [(PHYSICAL, True), (MENTAL, False)])
def test_only_the_mental_handbooks_term_is_known(kind: DocumentType, holds: bool) -> None:
    shown = document(kind, issue_date=date(2024, 1, 1), expiry_date=date(2026, 11, 20))
    found = handbook.signals(shown, applicant(), TODAY)
    assert found.term_consistent is holds
    assert found.days_since_expiry == 4


@pytest.mark.parametrize(("day", "holds"), [(4, True), (5, False)])
def test_the_mental_handbook_holds_two_years_and_what_renewing_early_adds(
    day: int, holds: bool
) -> None:
    shown = document(MENTAL, issue_date=date(2025, 1, 1), expiry_date=date(2027, 4, day))
    assert handbook.signals(shown, applicant(), TODAY).term_consistent is holds


def test_handbooks_and_others_are_type_country_and_number() -> None:
    shown = document(PHYSICAL, number="東京都第123456号")
    identity = "physical_disability_handbook|JPN|東京都第123456号"
    assert handbook.card_identity(shown) == identity
    assert handbook.velocity_identity(shown, applicant()) == identity
    assert handbook.masked(shown).endswith("456号")
    paper = document(DocumentType.OTHER, number="A1", issuing_country="FRA")
    assert other.card_identity(paper) == "other|FRA|A1"
    assert other.velocity_identity(paper, applicant()) == "other|FRA|A1"
    assert other.card_identity(document(DocumentType.OTHER)) is None
    assert other.masked(paper).endswith("1")
    assert "A" not in other.masked(paper)


def test_another_documents_chip_is_heard_and_not_missed() -> None:
    paper = document(DocumentType.OTHER, number="A1", chip=Chip(outcome=ChipOutcome.ABSENT))
    found = other.signals(paper, applicant(), TODAY)
    assert not found.chip.absent
    assert not found.chip.expected
    read = Chip(outcome=ChipOutcome.READ, signature=ChipSignature.VALID)
    paper = document(DocumentType.OTHER, chip=read, expiry_date=date(2026, 11, 20))
    found = other.signals(paper, applicant(), TODAY)
    assert found.chip.verified
    assert found.days_since_expiry == 4
    assert not found.identified
