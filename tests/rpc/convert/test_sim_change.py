"""A SIM change from the proto: what is ordinary, what is normalised, what goes together."""

from datetime import date

import pytest

from sekisho.domain.errors import InvalidArgumentError
from sekisho.domain.sim_change import (
    Capture,
    Captures,
    ChangeKind,
    Chip,
    ChipField,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    JpkiResult,
    LicenceColour,
    SimChange,
)
from sekisho.rpc.convert.sim_change import sim_change
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import risk_check_pb2, sim_change_pb2
from tests.support import changes, requests
from tests.support.clock import NOW
from tests.support.paths import put

EID = "89001012012341234012345678901224"
ICCID = "8981100022152967705"
Kind = sim_change_pb2.SimChange.Kind
Document = sim_change_pb2.IdentityDocument


def converted(request: risk_check_pb2.AssessSimChangeRequest, now: int = NOW) -> SimChange:
    violations = Violations.of(request)
    change = sim_change(violations, request.sim_change, now)
    violations.refuse()
    return change


def refused_fields(request: risk_check_pb2.AssessSimChangeRequest) -> list[str]:
    with pytest.raises(InvalidArgumentError) as refused:
        converted(request)
    return [violation.field for violation in refused.value.violations]


def with_document(**fields: object) -> risk_check_pb2.AssessSimChangeRequest:
    request = requests.assess()
    for name, value in fields.items():
        put(request, f"sim_change.documents[0].{name}", value)
    return request


def test_the_ordinary_request_is_the_ordinary_change() -> None:
    request = requests.assess()
    change = converted(request)
    document = change.documents[0]
    assert document.licence_colour is LicenceColour.BLUE
    put(request, "sim_change.documents[0].licence_colour", 0)
    assert converted(request) == changes.varied(line_record=None)


@pytest.mark.parametrize(
    ("path", "sent", "taken"),
    [
        ("msisdn", "０９０ー１２３４ー５６７８", "+819012345678"),
        ("msisdn", "+81 (90) 1234-5678", "+819012345678"),
        ("iccid", "8981 1000 2215 2967 705F", ICCID),
        ("imei", "49-015420-323751-8", "490154203237518"),
        ("mnp_reservation_number", "１２３４５ ６７８９０", "1234567890"),
        ("contact", " Taro@Example.JP ", "taro@example.jp"),
        ("contact", "03-1234-5678", "+81312345678"),
        ("clerk", "ｃｌｅｒｋ－７", "clerk-7"),
    ],
)
def test_identifiers_are_normalised(path: str, sent: str, taken: str) -> None:
    request = requests.assess()
    put(request, f"sim_change.{path}", sent)
    assert getattr(converted(request), path) == taken


def test_names_keep_their_form_but_for_outer_space() -> None:
    request = requests.assess()
    request.sim_change.applicant.name = "　髙橋　花子 "
    assert converted(request).applicant.name == "髙橋　花子"


def test_full_width_dates_and_numbers_are_read() -> None:
    change = converted(
        with_document(number="第３０１６１２３４５６３０号", issue_date="２０２４－０５－２０")
    )
    assert change.documents[0].number == "301612345630"
    assert change.documents[0].issue_date == date(2024, 5, 20)


@pytest.mark.parametrize(
    ("kind", "sent", "named"),
    [
        (Kind.KIND_SIM_REISSUE, None, ["sim_change.iccid"]),
        (Kind.KIND_SIM_REISSUE, "eid", ["sim_change.iccid"]),
        (Kind.KIND_SIM_REISSUE, "iccid", []),
        (Kind.KIND_ESIM_REISSUE, None, ["sim_change.eid"]),
        (Kind.KIND_ESIM_REISSUE, "iccid", ["sim_change.eid"]),
        (Kind.KIND_ESIM_REISSUE, "eid", []),
        (Kind.KIND_MNP_PORT_IN, None, ["sim_change.new_sim"]),
        (Kind.KIND_DEVICE_CHANGE, None, ["sim_change.new_sim"]),
        (Kind.KIND_BRAND_MIGRATION, None, ["sim_change.new_sim"]),
        (Kind.KIND_DEVICE_CHANGE, "iccid", []),
        (Kind.KIND_BRAND_MIGRATION, "eid", []),
        (Kind.KIND_MNP_PORT_OUT, None, []),
    ],
)
def test_each_kind_of_change_needs_its_sim(
    kind: sim_change_pb2.SimChange.Kind.ValueType, sent: str | None, named: list[str]
) -> None:
    request = requests.assess()
    request.sim_change.kind = kind
    request.sim_change.ClearField("iccid")
    if sent:
        put(request, f"sim_change.{sent}", EID if sent == "eid" else ICCID)
    if named:
        assert refused_fields(request) == named
    else:
        change = converted(request)
        assert bool(change.iccid) == (sent == "iccid")
        assert bool(change.eid) == (sent == "eid")


@pytest.mark.parametrize("kind", [value for value in Kind.values() if value])
def test_every_kind_is_known(kind: sim_change_pb2.SimChange.Kind.ValueType) -> None:
    request = requests.assess()
    request.sim_change.kind = kind
    if kind == Kind.KIND_ESIM_REISSUE:
        request.sim_change.eid = EID
    assert converted(request).kind is ChangeKind(Kind.Name(kind).removeprefix("KIND_").lower())


def test_what_was_not_said_is_not_made_up() -> None:
    request = requests.assess()
    del request.sim_change.documents[:]
    request.sim_change.documents.add(type=Document.TYPE_OTHER)
    (document,) = converted(request).documents
    assert document.chip == Chip()
    assert document.captures == Captures()
    assert document.reissue_count is None
    assert document.licence_colour is None
    assert document.face_comparison is FaceComparison.NOT_DONE
    assert document.issuing_country == "JPN"
    assert document.mrz_lines == ()


def test_a_chip_tells_its_whole_story() -> None:
    captures = sim_change_pb2.Captures(
        number=sim_change_pb2.CAPTURE_METHOD_TYPED,
        names=sim_change_pb2.CAPTURE_METHOD_SCANNED,
        expiry_date=sim_change_pb2.CAPTURE_METHOD_CHIP,
    )
    request = with_document(captures=captures)
    chip = request.sim_change.documents[0].chip
    chip.Clear()
    chip.outcome = sim_change_pb2.Chip.OUTCOME_PIN_LOCKED
    chip.signature = sim_change_pb2.Chip.SIGNATURE_INVALID
    name, portrait = sim_change_pb2.Chip.FIELD_NAME, sim_change_pb2.Chip.FIELD_PORTRAIT
    chip.differs_from_print.extend([name, portrait, name])
    chip.pinless_area_read = False
    chip.certificate_serial_number = "00:AB:CD"
    chip.jpki_result = sim_change_pb2.Chip.JPKI_RESULT_REVOKED
    (document,) = converted(request).documents
    assert document.chip == Chip(
        outcome=ChipOutcome.PIN_LOCKED,
        signature=ChipSignature.INVALID,
        differs_from_print=frozenset({ChipField.NAME, ChipField.PORTRAIT}),
        pinless_area_read=False,
        certificate_serial_number="abcd",
        jpki_result=JpkiResult.REVOKED,
    )
    assert document.captures == Captures(
        number=Capture.TYPED, names=Capture.SCANNED, expiry_date=Capture.CHIP
    )


def test_a_passport_brings_its_country_and_its_zone() -> None:
    lines = [
        "P<UTOERIKSSON<<ANNA<MARIA".ljust(44, "<"),
        "l898902c36uto7408122f1204159ze184226b<<<<<10",
    ]
    request = with_document(
        type=Document.TYPE_PASSPORT, number="L898902C3", issuing_country="gb", mrz_lines=lines
    )
    (document,) = converted(request).documents
    assert document.type is DocumentType.PASSPORT
    assert document.issuing_country == "GBR"
    assert document.mrz_lines == (lines[0], lines[1].upper())


@pytest.mark.parametrize("count", [0, 9])
def test_a_reissue_count_must_be_the_licences_last_digit(count: int) -> None:
    number = f"30161234563{count}"
    assert (
        converted(with_document(number=number, reissue_count=count)).documents[0].number == number
    )
    wrong = with_document(number=number, reissue_count=count + 1 if count < 9 else 1)
    assert refused_fields(wrong) == ["sim_change.documents[0].reissue_count"]


def test_a_licence_whose_check_digit_is_wrong_is_a_fact_and_no_violation() -> None:
    assert converted(with_document(number="301612345640")).documents[0].number == "301612345640"


def test_an_individual_number_is_refused_where_a_licence_that_passes_its_own_check_is_not() -> None:
    assert refused_fields(with_document(number="123456789018")) == [
        "sim_change.documents[0].number"
    ]
    both = "301612345630"
    assert converted(with_document(number=both)).documents[0].number == both


def test_today_is_japans() -> None:
    request = with_document(issue_date="2026-11-21")
    late_evening_in_utc = NOW + 12 * 3_600_000 + 1
    assert converted(request, late_evening_in_utc).documents[0].issue_date == date(2026, 11, 21)
    assert refused_fields(request) == ["sim_change.documents[0].issue_date"]


def test_a_second_document_of_the_same_type_is_refused_but_for_other_ones() -> None:
    request = requests.assess()
    request.sim_change.documents.append(requests.licence())
    assert refused_fields(request) == ["sim_change.documents[1].type"]
    del request.sim_change.documents[:]
    for number in ("A-1", "B-2"):
        request.sim_change.documents.add(type=Document.TYPE_OTHER, number=number)
    assert [document.number for document in converted(request).documents] == ["A1", "B2"]
