"""The enums of proto and domain: the same words, paired by name."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from google.protobuf.descriptor import EnumDescriptor

from sekisho.domain import decision, evidence, review, sim_change
from sekisho.v1 import (
    decision_pb2,
    line_event_pb2,
    review_queue_pb2,
    risk_check_pb2,
    sim_change_pb2,
    watchlist_pb2,
)

E = TypeVar("E", bound=StrEnum)


def words(descriptor: EnumDescriptor, prefix: str) -> Mapping[int, str]:
    """Return a proto enum's words in lower case by number, without prefix and zero value."""
    return {
        value.number: value.name.removeprefix(prefix).lower()
        for value in descriptor.values
        if value.number
    }


def paired(descriptor: EnumDescriptor, prefix: str, enum: type[E]) -> Mapping[int, E]:
    """Return a domain enum's members by proto number. Raises TypeError where the words differ."""
    found = words(descriptor, prefix)
    if set(found.values()) != {member.value for member in enum}:
        raise TypeError(f"{descriptor.full_name} and {enum.__name__} differ")
    return {number: enum(word) for number, word in found.items()}


def _turned(pairs: Mapping[int, E]) -> Mapping[E, int]:
    return {word: number for number, word in pairs.items()}


_change = sim_change_pb2.SimChange.DESCRIPTOR.enum_types_by_name
_document = sim_change_pb2.IdentityDocument.DESCRIPTOR.enum_types_by_name
_chip = sim_change_pb2.Chip.DESCRIPTOR.enum_types_by_name
_file = sim_change_pb2.DESCRIPTOR.enum_types_by_name
_decisions = decision_pb2.DESCRIPTOR.enum_types_by_name

KINDS = paired(_change["Kind"], "KIND_", sim_change.ChangeKind)
CAUSES = paired(_change["Cause"], "CAUSE_", sim_change.Cause)
RELATIONSHIPS = paired(
    sim_change_pb2.Applicant.DESCRIPTOR.enum_types_by_name["Relationship"],
    "RELATIONSHIP_",
    sim_change.Relationship,
)
DOCUMENT_TYPES = paired(_document["Type"], "TYPE_", sim_change.DocumentType)
LICENCE_COLOURS = paired(_document["LicenceColour"], "LICENCE_COLOUR_", sim_change.LicenceColour)
CAPTURES = paired(_file["CaptureMethod"], "CAPTURE_METHOD_", sim_change.Capture)
FACE_COMPARISONS = paired(_file["FaceComparison"], "FACE_COMPARISON_", sim_change.FaceComparison)
CHIP_OUTCOMES = paired(_chip["Outcome"], "OUTCOME_", sim_change.ChipOutcome)
CHIP_SIGNATURES = paired(_chip["Signature"], "SIGNATURE_", sim_change.ChipSignature)
CHIP_FIELDS = paired(_chip["Field"], "FIELD_", sim_change.ChipField)
JPKI_RESULTS = paired(_chip["JpkiResult"], "JPKI_RESULT_", sim_change.JpkiResult)
HOLDERS = paired(
    sim_change_pb2.LineRecord.DESCRIPTOR.enum_types_by_name["Holder"],
    "HOLDER_",
    sim_change.Holder,
)
CHALLENGE_KINDS = paired(_decisions["ChallengeKind"], "CHALLENGE_KIND_", decision.ChallengeKind)
EVIDENCE_RESULTS = paired(
    decision_pb2.Evidence.DESCRIPTOR.enum_types_by_name["Result"],
    "RESULT_",
    evidence.EvidenceResult,
)
OUTCOMES = paired(
    risk_check_pb2.ReportOutcomeRequest.DESCRIPTOR.enum_types_by_name["Outcome"],
    "OUTCOME_",
    evidence.Outcome,
)

LINE_EVENT_KINDS = words(line_event_pb2.LineEvent.DESCRIPTOR.enum_types_by_name["Kind"], "KIND_")

KIND_NUMBERS = _turned(KINDS)
CAUSE_NUMBERS = _turned(CAUSES)
CHALLENGE_KIND_NUMBERS = _turned(CHALLENGE_KINDS)
VERDICTS = paired(_decisions["Verdict"], "VERDICT_", decision.Verdict)
VERDICT_NUMBERS = _turned(VERDICTS)
DECISION_STATES = paired(
    decision_pb2.Decision.DESCRIPTOR.enum_types_by_name["State"],
    "STATE_",
    decision.DecisionState,
)
DECISION_STATE_NUMBERS = _turned(DECISION_STATES)
QUEUES = paired(review_queue_pb2.DESCRIPTOR.enum_types_by_name["Queue"], "QUEUE_", review.Queue)
QUEUE_NUMBERS = _turned(QUEUES)
DISPOSITIONS = paired(
    review_queue_pb2.DESCRIPTOR.enum_types_by_name["Disposition"],
    "DISPOSITION_",
    review.Disposition,
)
DISPOSITION_NUMBERS = _turned(DISPOSITIONS)
CHALLENGE_STATE_NUMBERS = _turned(
    paired(
        decision_pb2.Challenge.DESCRIPTOR.enum_types_by_name["State"],
        "STATE_",
        decision.ChallengeState,
    )
)
IDENTIFIER_KIND_NUMBERS = {
    word: number
    for number, word in words(
        watchlist_pb2.DESCRIPTOR.enum_types_by_name["IdentifierKind"], "IDENTIFIER_KIND_"
    ).items()
}
