"""Identifiers as watchlists know them."""

import pytest

from sekisho.domain import watched
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import DocumentType


def test_a_document_is_the_same_however_its_number_is_written() -> None:
    plain = watched.document(DocumentType.PASSPORT, "IRN", "A1234567")
    spaced = watched.document(DocumentType.PASSPORT, "IR", "ａ-123 4567")
    assert plain.canonical == spaced.canonical
    assert not plain.weak


@pytest.mark.parametrize(
    ("document_type", "country"), [(None, "IRN"), (DocumentType.PASSPORT, ""), (None, "")]
)
def test_a_document_without_type_or_country_is_weak(
    document_type: DocumentType | None, country: str
) -> None:
    assert watched.document(document_type, country, "A1234567").weak


def test_a_licence_is_the_same_on_its_own_card_and_on_a_my_number_card() -> None:
    own = watched.document(DocumentType.DRIVING_LICENCE, "JPN", "301612345630")
    held = watched.document(DocumentType.MY_NUMBER_LICENCE, "JPN", "301612345630")
    assert own == held


def test_a_document_that_only_japan_issues_cannot_be_hidden_behind_another_country() -> None:
    own = watched.document(DocumentType.DRIVING_LICENCE, "JPN", "301612345630")
    assert watched.document(DocumentType.DRIVING_LICENCE, "FRA", "301612345630") == own
    assert watched.document(DocumentType.DRIVING_LICENCE, "", "301612345630") == own


@pytest.mark.parametrize("number", ["", "--", "12", "x" * 41])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="3 to 40"):
        watched.document(DocumentType.PASSPORT, "IRN", number)


def test_a_person_is_the_same_whatever_the_order_and_case_of_the_name() -> None:
    one = watched.person("KOVALENKO, Oleh", "1960-03-12")
    other = watched.person("oleh kovalenko", "1960-03-12")
    assert one.canonical == other.canonical
    assert not one.weak


def test_a_person_with_a_birth_year_only_is_weak() -> None:
    assert watched.person("Oleh Kovalenko", "1960").weak


def test_a_person_needs_a_name_and_a_date() -> None:
    with pytest.raises(MalformedIdentifierError, match="name"):
        watched.person("...", "1960-03-12")
    with pytest.raises(MalformedIdentifierError):
        watched.person("Oleh Kovalenko", "March 1960")


def test_an_imei_and_an_imeisv_are_the_same_device() -> None:
    assert watched.imei("490154203237518") == watched.imei("4901542032375199")


def test_every_kind_is_masked_and_canonical() -> None:
    made = {
        "msisdn": watched.msisdn("090-1234-5678"),
        "iccid": watched.iccid("8981100022152967705"),
        "eid": watched.eid("89001012012341234012345678901224"),
        "contact": watched.contact("Taro@Example.jp"),
    }
    for kind, identifier in made.items():
        assert identifier.kind == kind
        assert identifier.canonical not in identifier.masked
    assert made["msisdn"].canonical == "+819012345678"
    assert made["contact"].masked == "t••@example.jp"
