"""An identity document with its chip, from the proto."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sekisho.domain import identifiers
from sekisho.domain.countries import country
from sekisho.domain.documents import ROOMS, mrz
from sekisho.domain.documents.driving_licence import check_reissue_count
from sekisho.domain.sim_change import (
    Capture,
    Captures,
    Chip,
    ChipField,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    JpkiResult,
)
from sekisho.rpc.convert import enums, times
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import sim_change_pb2

JAPAN: Final = "JPN"
_DIGEST_BYTES = 32

# An ordinary request reads each of these: a module constant costs a third of an enum's attribute.
_TYPED: Final = Capture.TYPED
_OTHER: Final = DocumentType.OTHER
_FACE_NOT_DONE: Final = FaceComparison.NOT_DONE
_NOT_ATTEMPTED: Final = ChipOutcome.NOT_ATTEMPTED
_SIGNATURE_NOT_CHECKED: Final = ChipSignature.NOT_CHECKED
_JPKI_NOT_CHECKED: Final = JpkiResult.NOT_CHECKED
_ALL_TYPED: Final = Captures()
_NO_CHIP: Final = Chip()
_NO_FIELDS: Final[frozenset[ChipField]] = frozenset()


def document(
    violations: Violations, prefix: str, message: sim_change_pb2.IdentityDocument, today: date
) -> IdentityDocument:
    """Return the document; its fields are named below `prefix`, which ends in a dot.

    Where violations were added, what is returned in place of the bad values means nothing.
    """
    kind = enums.DOCUMENT_TYPES.get(message.type)
    issue = times.past_day(violations, f"{prefix}issue_date", message.issue_date, today)
    expiry = times.day(violations, f"{prefix}expiry_date", message.expiry_date)
    if issue is not None and expiry is not None and expiry < issue:
        violations.add(f"{prefix}expiry_date", "expected a date that is not before the issue date")
    made = IdentityDocument(
        type=kind or _OTHER,
        issuing_country=_country(violations, f"{prefix}issuing_country", message, kind),
        # Which number it must be, its type tells; without one there is nothing to judge by.
        number=violations.read(f"{prefix}number", ROOMS[kind].parse_number, message.number, "")
        if kind
        else "",
        reissue_count=message.reissue_count if message.HasField("reissue_count") else None,
        issue_date=issue,
        expiry_date=expiry,
        licence_colour=enums.LICENCE_COLOURS.get(message.licence_colour),
        captures=_captures(message.captures) if message.HasField("captures") else _ALL_TYPED,
        chip=chip(violations, f"{prefix}chip.", message.chip)
        if message.HasField("chip")
        else _NO_CHIP,
        mrz_lines=_mrz_lines(violations, f"{prefix}mrz_lines", message.mrz_lines)
        if message.mrz_lines
        else (),
        face_comparison=enums.FACE_COMPARISONS.get(message.face_comparison, _FACE_NOT_DONE),
    )
    if made.reissue_count is not None and made.number:
        violations.read(f"{prefix}reissue_count", check_reissue_count, made, None)
    return made


def chip(violations: Violations, prefix: str, message: sim_change_pb2.Chip) -> Chip:
    """Return the chip's story; its fields are named below `prefix`, which ends in a dot."""
    digest = message.face_image_digest
    if len(digest) not in (0, _DIGEST_BYTES):
        violations.add(f"{prefix}face_image_digest", f"expected {_DIGEST_BYTES} bytes, or none")
    serial = message.certificate_serial_number
    issue = times.day(violations, f"{prefix}pinless_issue_date", message.pinless_issue_date)
    expiry = times.day(violations, f"{prefix}pinless_expiry_date", message.pinless_expiry_date)
    if serial:
        serial = violations.read(
            f"{prefix}certificate_serial_number", identifiers.certificate_serial, serial, ""
        )
    return Chip(
        outcome=enums.CHIP_OUTCOMES.get(message.outcome, _NOT_ATTEMPTED),
        signature=enums.CHIP_SIGNATURES.get(message.signature, _SIGNATURE_NOT_CHECKED),
        differs_from_print=_fields(message.differs_from_print),
        pinless_area_read=(
            message.pinless_area_read if message.HasField("pinless_area_read") else None
        ),
        pinless_issue_date=issue,
        pinless_expiry_date=expiry,
        face_image_digest=digest,
        certificate_serial_number=serial,
        jpki_result=enums.JPKI_RESULTS.get(message.jpki_result, _JPKI_NOT_CHECKED),
    )


def _country(
    violations: Violations,
    field: str,
    message: sim_change_pb2.IdentityDocument,
    kind: DocumentType | None,
) -> str:
    if message.issuing_country:
        return violations.read(field, country, message.issuing_country, JAPAN)
    if kind is DocumentType.PASSPORT:
        violations.add(field, "expected the issuing country of the passport")
    return JAPAN


def _captures(message: sim_change_pb2.Captures) -> Captures:
    get = enums.CAPTURES.get
    return Captures(
        number=get(message.number, _TYPED),
        names=get(message.names, _TYPED),
        birth_date=get(message.birth_date, _TYPED),
        issue_date=get(message.issue_date, _TYPED),
        expiry_date=get(message.expiry_date, _TYPED),
    )


def _mrz_lines(violations: Violations, field: str, lines: Sequence[str]) -> tuple[str, ...]:
    if any(f"{field}[{index}]" in violations for index in range(len(lines))):
        return ()
    return violations.read(field, mrz.parse_lines, lines, ())


def _fields(numbers: Sequence[int]) -> frozenset[ChipField]:
    """Return the fields; a number that names none is a violation already."""
    if not numbers:
        return _NO_FIELDS
    return frozenset(enums.CHIP_FIELDS[n] for n in numbers if n in enums.CHIP_FIELDS)
