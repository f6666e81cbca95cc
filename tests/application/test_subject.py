"""What a request is counted, kept and looked up by."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.application.subject import Identify
from sekisho.domain import watched
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.sim_change import Counter, DocumentType, IdentityDocument
from sekisho.domain.velocity import Attribute, Dimension
from sekisho.domain.watched import WatchedIdentifier
from tests.domain.builders import MRZ, applicant, licence, passport, sim_change

FINGERPRINTER = Fingerprinter([("k1", b"\x01" * 32)])
COUNTER = Counter("ginza", "t1")
identify = Identify(FINGERPRINTER)

Found = tuple[str, bytes, bool]


def looked_up(**changed: Any) -> set[Found]:
    """Return role, fingerprint and weakness of all that a request is looked up by."""
    subject = identify(sim_change(**changed), COUNTER, "0199b0f0-1111-7222-8333-444455556666", 0)
    return {(one.role, one.fingerprint, one.weak) for one in subject.watched}


def as_listed(role: str, *identifiers: WatchedIdentifier) -> set[Found]:
    """Return what an importer writes for these."""
    of = FINGERPRINTER.fingerprint
    return {(role, of(one.kind, one.canonical), one.weak) for one in identifiers}


def test_an_ordinary_request_is_looked_up_by_everything_that_it_names() -> None:
    assert looked_up(contact="taro@example.jp") == (
        as_listed("line", watched.msisdn("+819012345678"))
        | as_listed("sim", watched.iccid("8981100022152967705"))
        | as_listed("device", watched.imei("490154203237518"))
        | as_listed("contact", watched.contact("taro@example.jp"))
        | as_listed(
            "document",
            watched.document(DocumentType.DRIVING_LICENCE, "JPN", licence().number),
            watched.document(None, "JPN", licence().number),
            watched.document(None, "", licence().number),
        )
        | people("山田 太郎", "ヤマダ タロウ")
    )


def people(*names: str) -> set[Found]:
    return as_listed(
        "applicant",
        *(watched.person(name, born) for name in names for born in ("1990-05-05", "1990")),
    )


def test_an_esim_is_looked_up_by_its_eid() -> None:
    eid = "89001012012341234012345678901224"
    assert looked_up(iccid="", eid=eid) >= as_listed("sim", watched.eid(eid))


def test_a_telephone_number_as_contact_is_looked_up_as_a_line_too() -> None:
    number = "+819087654321"
    found = looked_up(contact=number)
    assert found >= as_listed("contact", watched.contact(number), watched.msisdn(number))


def test_the_name_of_a_machine_readable_zone_is_looked_up_too() -> None:
    assert looked_up(documents=(passport(mrz_lines=MRZ),)) >= people("ERIKSSON ANNA MARIA")


def forms(shown: IdentityDocument) -> list[WatchedIdentifier]:
    """Return every form in which a list may hold a document, as an importer makes them."""
    number, country = shown.number, shown.issuing_country
    try:
        return [
            watched.document(type_, code, number)
            for type_ in (shown.type, None)
            for code in (country, "")
        ]
    except MalformedIdentifierError:
        return []


@given(
    st.sampled_from(DocumentType),
    st.sampled_from(["JPN", "FRA", ""]),
    st.text("AZaz09 -－ａ", max_size=11).map(lambda text: f"{text:0<11}1"),
)
def test_a_document_is_looked_up_in_every_form_that_a_list_may_hold(
    document_type: DocumentType, country: str, number: str
) -> None:
    shown = IdentityDocument(type=document_type, issuing_country=country, number=number)
    found = {one for one in looked_up(documents=(shown,)) if one[0] == "document"}
    assert found == as_listed("document", *forms(shown))


@given(st.text("アー゛山田 aÉ'-,ﾔ", max_size=8))
def test_a_person_is_looked_up_under_every_name_that_has_a_letter(name: str) -> None:
    found = looked_up(applicant=applicant(name="山田 太郎", name_kana=name))
    try:
        expected = people("山田 太郎", name)
    except MalformedIdentifierError:
        expected = people("山田 太郎")
    assert {one for one in found if one[0] == "applicant"} == expected


def test_two_licences_of_one_holder_are_one_document_to_velocity() -> None:
    # The same holding on a card of its own and on a My Number Card.
    on_card = replace(licence(), type=DocumentType.MY_NUMBER_LICENCE)
    change = sim_change(documents=(licence(), on_card))
    keys = identify(change, COUNTER, "0199b0f0-1111-7222-8333-444455556666", 0).attempt.keys
    assert [dimension for dimension, _ in keys].count(Dimension.DOCUMENT) == 1
    assert [dimension for dimension, _ in keys].count(Dimension.FACE) == 1


@pytest.mark.parametrize(
    ("missing", "dimension", "attribute"),
    [
        ({"imei": ""}, Dimension.DEVICE, Attribute.DEVICE),
        ({"iccid": ""}, Dimension.SIM, Attribute.SIM),
    ],
)
def test_what_a_request_does_not_have_is_not_counted(
    missing: dict[str, str], dimension: Dimension, attribute: Attribute
) -> None:
    attempt = identify(
        sim_change(**missing), COUNTER, "0199b0f0-1111-7222-8333-444455556666", 0
    ).attempt
    assert dimension not in {dimension for dimension, _ in attempt.keys}
    assert attribute not in attempt.attributes
