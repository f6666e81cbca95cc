"""The SIM change, from the proto."""

from datetime import date
from typing import Final

from sekisho.domain import identifiers
from sekisho.domain.sim_change import (
    Applicant,
    Cause,
    ChangeKind,
    DocumentType,
    IdentityDocument,
    Relationship,
    SimChange,
)
from sekisho.rpc.convert import enums, times
from sekisho.rpc.convert.document import document
from sekisho.rpc.convert.line_record import line_record, name
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import sim_change_pb2

_ROOT: Final = "sim_change."
_NO_DAY: Final = date(1900, 1, 1)
_NOBODY: Final = Applicant(name="", birth_date=_NO_DAY, relationship=Relationship.AGENT)
_NOTHING: Final = SimChange(
    kind=ChangeKind.SIM_REISSUE,
    msisdn="",
    cause=Cause.OTHER,
    applicant=_NOBODY,
    clerk="",
    documents=(),
)
"""Stand where something was refused; no use case ever gets them."""


def sim_change(violations: Violations, message: sim_change_pb2.SimChange, now: int) -> SimChange:
    """Return the change that the request's field `sim_change` describes, as of `now` (Unix ms).

    Where violations were added, what is returned in place of the bad values means nothing:
    refuse before using it.
    """
    if "sim_change" in violations:
        return _NOTHING
    today = times.today_in_japan(now)
    kind = enums.KINDS.get(message.kind, ChangeKind.SIM_REISSUE)
    read = violations.read
    iccid, eid = _new_sim(violations, message, kind)
    return SimChange(
        kind=kind,
        msisdn=read("sim_change.msisdn", identifiers.msisdn, message.msisdn, ""),
        iccid=iccid,
        eid=eid,
        imei=(read("sim_change.imei", identifiers.imei, message.imei, "") if message.imei else ""),
        cause=enums.CAUSES.get(message.cause, Cause.OTHER),
        mnp_reservation_number=(
            read(
                "sim_change.mnp_reservation_number",
                identifiers.mnp_reservation_number,
                message.mnp_reservation_number,
                "",
            )
            if message.mnp_reservation_number
            else ""
        ),
        applicant=_applicant(violations, message.applicant, today),
        contact=(
            read("sim_change.contact", identifiers.contact, message.contact, "")
            if message.contact
            else ""
        ),
        clerk=read("sim_change.clerk", identifiers.actor_id, message.clerk, ""),
        documents=_documents(violations, message, today),
        line_record=(
            line_record(violations, "sim_change.line_record.", message.line_record, now, today)
            if message.HasField("line_record")
            else None
        ),
    )


def _new_sim(
    violations: Violations, message: sim_change_pb2.SimChange, kind: ChangeKind
) -> tuple[str, str]:
    """Return ICCID and EID, of which at most one is not empty."""
    sent = message.WhichOneof("new_sim")
    if kind is ChangeKind.SIM_REISSUE and sent != "iccid":
        violations.add("sim_change.iccid", "expected the ICCID of the new SIM for a SIM reissue")
    elif kind is ChangeKind.ESIM_REISSUE and sent != "eid":
        violations.add("sim_change.eid", "expected the EID of the new eSIM for an eSIM reissue")
    elif sent is None and kind is not ChangeKind.MNP_PORT_OUT:
        violations.add("sim_change.new_sim", "expected the new SIM, an ICCID or an EID")
    if sent == "iccid":
        return violations.read("sim_change.iccid", identifiers.iccid, message.iccid, ""), ""
    if sent == "eid":
        return "", violations.read("sim_change.eid", identifiers.eid, message.eid, "")
    return "", ""


def _applicant(violations: Violations, message: sim_change_pb2.Applicant, today: date) -> Applicant:
    prefix = f"{_ROOT}applicant."
    if f"{_ROOT}applicant" in violations:
        return _NOBODY
    full_name = violations.read(f"{prefix}name", name, message.name, "")
    if not full_name:
        violations.add(f"{prefix}name", "expected the name as printed on the document")
    birth = times.past_day(violations, f"{prefix}birth_date", message.birth_date, today)
    return Applicant(
        name=full_name,
        name_kana=violations.read(f"{prefix}name_kana", name, message.name_kana, ""),
        birth_date=birth or _NO_DAY,
        relationship=enums.RELATIONSHIPS.get(message.relationship, Relationship.AGENT),
    )


def _documents(
    violations: Violations, message: sim_change_pb2.SimChange, today: date
) -> tuple[IdentityDocument, ...]:
    shown: list[IdentityDocument] = []
    types: set[DocumentType] = set()
    for index, each in enumerate(message.documents):
        made = document(violations, f"{_ROOT}documents[{index}].", each, today)
        # Evidence captures a document anew in place of the one of its type.
        if made.type in types and made.type is not DocumentType.OTHER:
            violations.add(
                f"{_ROOT}documents[{index}].type", "expected each type of document only once"
            )
        types.add(made.type)
        shown.append(made)
    return tuple(shown)
