"""What evidence does to the change it is about, and to the challenges that it answers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from sekisho.domain.decision import ChallengeKind, ChallengeState, Standing
from sekisho.domain.documents import room
from sekisho.domain.errors import InvalidArgumentError, Violation
from sekisho.domain.evidence import Evidence, EvidenceResult
from sekisho.domain.sim_change import (
    Applicant,
    ChipField,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    SimChange,
)

_BY_RESULT = {
    EvidenceResult.CONFIRMED: ChallengeState.SATISFIED,
    EvidenceResult.REFUTED: ChallengeState.REFUTED,
    EvidenceResult.UNAVAILABLE: ChallengeState.OPEN,
    None: ChallengeState.OPEN,
}
_HONEST_DIFFERENCE = frozenset({ChipField.ADDRESS})
"""People move; the print on a card follows later or never."""


def weigh_evidence(
    change: SimChange,
    standing: Standing,
    evidence: tuple[Evidence, ...],
    accepted: frozenset[DocumentType],
    now: int,
    today: date,
) -> tuple[SimChange, Mapping[ChallengeKind, ChallengeState]]:
    """Return the change with what was brought in it, and each answered challenge's state.

    Raises InvalidArgumentError naming `evidence[i]`, for a challenge that is not open or a
    document that does not fit.
    """
    asked = {
        challenge.kind: challenge
        for challenge in standing.step_up.challenges
        if challenge.state is ChallengeState.OPEN
    }
    violations: list[Violation] = []
    results: dict[ChallengeKind, ChallengeState] = {}
    for index, piece in enumerate(evidence):
        if piece.challenge not in asked:
            expected = ", ".join(kind.value for kind in asked)
            violations.append(
                Violation(f"evidence[{index}].challenge", f"expected an open challenge: {expected}")
            )
            continue
        if piece.challenge is ChallengeKind.WAIT:
            until = asked[ChallengeKind.WAIT].wait_until
            over = until is not None and now >= until
            results[piece.challenge] = ChallengeState.SATISFIED if over else ChallengeState.OPEN
            continue
        try:
            change = _put_into(change, piece, accepted)
        except ValueError as error:
            violations.append(Violation(f"evidence[{index}].document", str(error)))
            continue
        state = _STATE.get(piece.challenge, _by_result)(piece)
        if (
            piece.challenge is ChallengeKind.SECOND_DOCUMENT
            and piece.document is not None
            and state is ChallengeState.SATISFIED
            and not _sound(piece.document, change.applicant, today)
        ):
            state = ChallengeState.OPEN
        results[piece.challenge] = state
    if violations:
        raise InvalidArgumentError(violations)
    return change, results


def _put_into(change: SimChange, piece: Evidence, accepted: frozenset[DocumentType]) -> SimChange:
    document = piece.document
    if document is not None:
        shown = [kept.type for kept in change.documents]
        if piece.challenge is ChallengeKind.SECOND_DOCUMENT:
            if document.type in shown:
                raise ValueError("expected a document of a type not shown before")
            if document.type not in accepted:
                raise ValueError("expected a document that this carrier accepts")
            change = replace(change, documents=(*change.documents, document))
        elif document.type not in shown:
            raise ValueError("expected the document shown before, captured again")
        else:
            change = replace(
                change,
                documents=tuple(
                    document if kept.type is document.type else kept for kept in change.documents
                ),
            )
    if piece.iccid or piece.eid:
        change = replace(change, iccid=piece.iccid, eid=piece.eid)
    if piece.imei:
        change = replace(change, imei=piece.imei)
    return change


def _refuted(document: IdentityDocument) -> bool:
    return (
        document.chip.signature is ChipSignature.INVALID
        or bool(document.chip.differs_from_print - _HONEST_DIFFERENCE)
        or document.face_comparison is FaceComparison.NO_MATCH
    )


def _by_result(piece: Evidence) -> ChallengeState:
    return _BY_RESULT[piece.result]


def _without_document(piece: Evidence) -> ChallengeState:
    """Nobody's word stands in for a document; that it was refuted is believed."""
    refuted = piece.result is EvidenceResult.REFUTED
    return ChallengeState.REFUTED if refuted else ChallengeState.OPEN


def _chip_read(piece: Evidence) -> ChallengeState:
    """A chip satisfies when it was read and its signature holds; a person's word does not."""
    document = piece.document
    if document is None:
        return _without_document(piece)
    if _refuted(document):
        return ChallengeState.REFUTED
    chip = document.chip
    read = chip.outcome is ChipOutcome.READ and chip.signature is ChipSignature.VALID
    return ChallengeState.SATISFIED if read else ChallengeState.OPEN


def _second_document(piece: Evidence) -> ChallengeState:
    """A further document satisfies where it is sound and does not speak against itself."""
    document = piece.document
    if document is None:
        return _without_document(piece)
    return ChallengeState.REFUTED if _refuted(document) else ChallengeState.SATISFIED


def _sound(document: IdentityDocument, applicant: Applicant, today: date) -> bool:
    """Whether a document can stand beside the first: one that fails its own rules cannot."""
    signals = room(document.type).signals(document, applicant, today)
    return (
        signals.accepted_alone
        and signals.identified
        and signals.number_valid
        and signals.first_year_consistent
        and signals.expiry_consistent
        and signals.term_consistent
        and signals.mrz_valid
        and signals.mrz_agrees
        and not signals.dates_missing
        and signals.days_since_expiry == 0
    )


def _settled_by_facts(_: Evidence) -> ChallengeState:
    return ChallengeState.SATISFIED


_STATE: Mapping[ChallengeKind, Callable[[Evidence], ChallengeState]] = {
    ChallengeKind.RETRY: _settled_by_facts,
    ChallengeKind.REENTER_NUMBER: _settled_by_facts,
    ChallengeKind.READ_CHIP: _chip_read,
    ChallengeKind.SECOND_DOCUMENT: _second_document,
}
