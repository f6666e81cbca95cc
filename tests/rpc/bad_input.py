"""One wrong value a row: where it is put, what it is, and the field that must be named."""

from dataclasses import dataclass

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import decision_pb2, line_event_pb2, risk_check_pb2, sim_change_pb2
from tests.support import requests
from tests.support.clock import NOW
from tests.support.paths import put

NUL = "a\x00b"
INDIVIDUAL_NUMBER = "123456789018"
FULL_WIDTH_INDIVIDUAL_NUMBER = "１２３４　５６７８　９０１８"
UNKNOWN_ENUM = 4711
HUGE = "9" * 100_000


@dataclass(frozen=True)
class Wrong:
    """A value that must be refused; `named` is the field that the answer names."""

    path: str
    value: object
    named: str = ""

    @property
    def field(self) -> str:
        return self.named or self.path

    def __str__(self) -> str:
        return f"{self.path}={str(self.value)[:24]!r}"

    def put_into(self, message: Message) -> None:
        put(message, self.path, self.value)


_DOCUMENT = "sim_change.documents[0]"
_PASSPORT = sim_change_pb2.IdentityDocument.TYPE_PASSPORT
_CARD = sim_change_pb2.IdentityDocument.TYPE_MY_NUMBER_CARD
_OTHER = sim_change_pb2.IdentityDocument(
    type=sim_change_pb2.IdentityDocument.TYPE_OTHER, number="A-1"
)
_TOMORROW = "2026-11-21"
_ENUMS = (
    *("kind", "cause", "applicant.relationship", "documents[0].type"),
    *("documents[0].licence_colour", "documents[0].face_comparison"),
    *(f"documents[0].captures.{name}" for name in ("number", "names", "birth_date")),
    *(f"documents[0].captures.{name}" for name in ("issue_date", "expiry_date")),
    *(f"documents[0].chip.{name}" for name in ("outcome", "signature", "jpki_result")),
    *("line_record.document_type", "line_record.holder"),
)
_DATES = (
    *("applicant.birth_date", "documents[0].issue_date", "documents[0].expiry_date"),
    *("documents[0].chip.pinless_issue_date", "documents[0].chip.pinless_expiry_date"),
    *("line_record.activation_date", "line_record.birth_date"),
)
_CHANGE_TIMES = ("contact", "address", "pin", "password")

ASSESS = (
    Wrong("request_id", ""),
    Wrong("request_id", "0199b0f0"),
    Wrong("request_id", f"{requests.REQUEST_ID}\n"),
    Wrong("shop", ""),
    Wrong("shop", "a/b"),
    Wrong("shop", HUGE),
    Wrong("terminal", ""),
    Wrong("terminal", NUL),
    Wrong("sim_change", None),
    Wrong("sim_change.msisdn", ""),
    Wrong("sim_change.msisdn", "+81312345678"),
    Wrong("sim_change.msisdn", "+8102012345678"),
    Wrong("sim_change.msisdn", HUGE),
    Wrong("sim_change.msisdn", NUL),
    Wrong("sim_change.iccid", ""),
    Wrong("sim_change.iccid", "8981"),
    Wrong("sim_change.iccid", None),
    Wrong("sim_change.eid", "8" * 32, "sim_change.iccid"),
    Wrong("sim_change.imei", "12345"),
    Wrong("sim_change.imei", "4901542032375１８x"),
    Wrong("sim_change.mnp_reservation_number", "123"),
    Wrong("sim_change.contact", "not a contact"),
    Wrong("sim_change.contact", INDIVIDUAL_NUMBER),
    Wrong("sim_change.clerk", ""),
    Wrong("sim_change.clerk", "山田"),
    Wrong("sim_change.clerk", NUL),
    Wrong("sim_change.applicant", None),
    Wrong("sim_change.applicant.name", ""),
    Wrong("sim_change.applicant.name", "   "),
    Wrong("sim_change.applicant.name", "x" * 201),
    Wrong("sim_change.applicant.name", NUL),
    Wrong("sim_change.applicant.name", f"山田 {INDIVIDUAL_NUMBER}"),
    Wrong("sim_change.applicant.name", f"山田 {FULL_WIDTH_INDIVIDUAL_NUMBER}"),
    Wrong("sim_change.applicant.name_kana", f"ヤマダ{INDIVIDUAL_NUMBER}"),
    Wrong("sim_change.applicant.name_kana", NUL),
    Wrong("sim_change.applicant.birth_date", ""),
    Wrong("sim_change.applicant.birth_date", _TOMORROW),
    Wrong("sim_change.documents", []),
    Wrong("sim_change.documents", [_OTHER] * 5),
    Wrong("sim_change.documents[1]", requests.licence(), "sim_change.documents[1].type"),
    Wrong(
        "sim_change.documents[1]",
        sim_change_pb2.IdentityDocument(number="9"),
        "sim_change.documents[1].type",
    ),
    Wrong(f"{_DOCUMENT}.issuing_country", "Japan"),
    Wrong(f"{_DOCUMENT}.issuing_country", "XX"),
    Wrong(
        "sim_change.documents[1]",
        sim_change_pb2.IdentityDocument(type=_PASSPORT, number="TK1234567"),
        "sim_change.documents[1].issuing_country",
    ),
    Wrong(f"{_DOCUMENT}.type", _CARD, f"{_DOCUMENT}.number"),
    Wrong(f"{_DOCUMENT}.number", "12345"),
    Wrong(f"{_DOCUMENT}.number", INDIVIDUAL_NUMBER),
    Wrong(f"{_DOCUMENT}.number", FULL_WIDTH_INDIVIDUAL_NUMBER),
    Wrong(f"{_DOCUMENT}.number", HUGE),
    Wrong(f"{_DOCUMENT}.reissue_count", 100),
    Wrong(f"{_DOCUMENT}.reissue_count", 3),
    Wrong(f"{_DOCUMENT}.issue_date", _TOMORROW),
    Wrong(f"{_DOCUMENT}.expiry_date", "2024-05-19"),
    Wrong(f"{_DOCUMENT}.mrz_lines", ["P<UTO" + "<" * 39]),
    Wrong(f"{_DOCUMENT}.mrz_lines", ["A" * 44, "A" * 43]),
    Wrong(f"{_DOCUMENT}.mrz_lines", ["A" * 44, "A" * 43 + "*"]),
    Wrong(f"{_DOCUMENT}.mrz_lines", ["A" * 65, "A" * 44], f"{_DOCUMENT}.mrz_lines[0]"),
    Wrong(f"{_DOCUMENT}.chip.face_image_digest", b"\x11" * 31),
    Wrong(f"{_DOCUMENT}.chip.face_image_digest", b"\x11" * 33),
    Wrong(f"{_DOCUMENT}.chip.certificate_serial_number", "xyz"),
    Wrong(f"{_DOCUMENT}.chip.certificate_serial_number", INDIVIDUAL_NUMBER),
    Wrong(f"{_DOCUMENT}.chip.differs_from_print[0]", 0),
    Wrong(f"{_DOCUMENT}.chip.differs_from_print[0]", UNKNOWN_ENUM),
    Wrong(f"{_DOCUMENT}.chip.differs_from_print", [1] * 9),
    Wrong("sim_change.line_record.name_kana", INDIVIDUAL_NUMBER),
    Wrong("sim_change.line_record.document_type", 0),
    Wrong("sim_change.line_record.document_number", "12345"),
    Wrong("sim_change.line_record.document_number", INDIVIDUAL_NUMBER),
    Wrong("sim_change.line_record.home_prefecture", "JP-48"),
    Wrong("sim_change.line_record.activation_date", _TOMORROW),
    Wrong("sim_change.line_record.birth_date", _TOMORROW),
    *(Wrong(f"sim_change.{path}", UNKNOWN_ENUM) for path in _ENUMS),
    *(
        Wrong(f"sim_change.{path}", 0)
        for path in ("kind", "cause", "applicant.relationship", "documents[0].type")
    ),
    *(
        Wrong(f"sim_change.{path}", value)
        for path in _DATES
        for value in ("2023-02-29", "20230228", "1850-01-01", "2030/01/01", NUL)
    ),
    *(
        Wrong(f"sim_change.line_record.{name}_change_time", moment)
        for name in _CHANGE_TIMES
        for moment in (
            Timestamp(seconds=0),
            Timestamp(seconds=-1, nanos=-1),
            Timestamp(seconds=2**62),
            Timestamp(seconds=NOW // 1000, nanos=2_000_000_000),
            from_ms(NOW + 6 * 60_000),
        )
    ),
)
"""Wrong values of AssessSimChange. The ordinary request here has a line record."""


def assess() -> risk_check_pb2.AssessSimChangeRequest:
    """The ordinary request, with a line record."""
    request = requests.assess()
    request.sim_change.line_record.CopyFrom(requests.line_record())
    return request


_SUPERVISOR = decision_pb2.CHALLENGE_KIND_SUPERVISOR
_READ_CHIP = decision_pb2.CHALLENGE_KIND_READ_CHIP
_CALL = decision_pb2.CHALLENGE_KIND_CALL_REGISTERED_CONTACT
_CONFIRMED = decision_pb2.Evidence.RESULT_CONFIRMED
_REENTER = decision_pb2.CHALLENGE_KIND_REENTER_NUMBER

SUBMIT = (
    Wrong("name", ""),
    Wrong("name", "decisions/1"),
    Wrong("name", f"{requests.DECISION}/"),
    Wrong("name", f"stepUps/{requests.REQUEST_ID}"),
    Wrong("request_id", "x"),
    Wrong("shop", ""),
    Wrong("terminal", ""),
    Wrong("evidence", []),
    Wrong("evidence[0].challenge", 0),
    Wrong("evidence[0].challenge", UNKNOWN_ENUM),
    Wrong("evidence[0].challenge", decision_pb2.CHALLENGE_KIND_FRAUD_TEAM),
    Wrong("evidence[0].result", UNKNOWN_ENUM),
    Wrong("evidence[0].document", None),
    Wrong("evidence[0].document.number", INDIVIDUAL_NUMBER),
    Wrong("evidence[0].document.chip.outcome", UNKNOWN_ENUM),
    Wrong("evidence[0].iccid", "8981100022152967705"),
    Wrong("evidence[0].supervisor", "boss"),
    Wrong(
        "evidence[1]",
        decision_pb2.Evidence(challenge=_READ_CHIP, document=requests.licence()),
        "evidence[1].challenge",
    ),
    Wrong("evidence[1]", decision_pb2.Evidence(challenge=_CALL), "evidence[1].result"),
    Wrong("evidence[1]", decision_pb2.Evidence(challenge=_REENTER), "evidence[1].document"),
    Wrong(
        "evidence[1]",
        decision_pb2.Evidence(challenge=_REENTER, iccid="12"),
        "evidence[1].iccid",
    ),
    Wrong(
        "evidence[1]",
        decision_pb2.Evidence(challenge=_CALL, result=_CONFIRMED, document=requests.licence()),
        "evidence[1].document",
    ),
    Wrong(
        "evidence[1]",
        decision_pb2.Evidence(challenge=_SUPERVISOR, result=_CONFIRMED),
        "evidence[1].supervisor",
    ),
    Wrong(
        "evidence[1]",
        decision_pb2.Evidence(
            challenge=_SUPERVISOR, result=_CONFIRMED, supervisor=INDIVIDUAL_NUMBER * 6
        ),
        "evidence[1].supervisor",
    ),
)

OUTCOME = (
    Wrong("name", "x"),
    Wrong("request_id", ""),
    Wrong("shop", ""),
    Wrong("terminal", ""),
    Wrong("outcome", 0),
    Wrong("outcome", UNKNOWN_ENUM),
)

UPSERT = (
    Wrong("request_id", ""),
    Wrong("msisdn", "12"),
    Wrong("record", None),
    Wrong("record.document_number", INDIVIDUAL_NUMBER),
    Wrong("record.document_type", _CARD, "record.document_number"),
    Wrong("record.holder", UNKNOWN_ENUM),
    Wrong("record_time", None),
    Wrong("record_time", from_ms(NOW + 6 * 60_000)),
    Wrong("record_time", Timestamp(seconds=2**40)),
)


def line_events() -> line_event_pb2.RecordLineEventsRequest:
    """Three events."""
    return line_event_pb2.RecordLineEventsRequest(
        events=[requests.line_event(number) for number in range(3)]
    )


EVENTS = (
    Wrong("events", []),
    Wrong("events[1].event_id", "x"),
    Wrong("events[1].msisdn", "12"),
    Wrong("events[1].kind", 0),
    Wrong("events[1].kind", UNKNOWN_ENUM),
    Wrong("events[1].event_time", None),
    Wrong("events[1].event_time", from_ms(NOW + 6 * 60_000)),
)
