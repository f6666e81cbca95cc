"""The facts `document.*`, over all documents shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter

from sekisho.domain.documents import ROOMS
from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.facts import FactValue
from sekisho.domain.sim_change import (
    Applicant,
    Capture,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    JpkiResult,
)

_OF_EVERY: Mapping[str, str] = {
    "document.identified": "identified",
    "document.number_valid": "number_valid",
    "document.first_year_consistent": "first_year_consistent",
    "document.expiry_consistent": "expiry_consistent",
    "document.term_consistent": "term_consistent",
    "document.mrz_valid": "mrz_valid",
    "document.mrz_agrees": "mrz_agrees",
}
"""Facts that hold where they hold for every document, and the signal behind each."""

_OF_ANY: Mapping[str, str] = {
    "document.dates_missing": "dates_missing",
    "document.gold_too_early": "gold_too_early",
    "document.my_number_card_chip_unread": "my_number_card_chip_unread",
    "document.chip_expected": "chip.expected",
    "document.chip_read": "chip.read",
    "document.chip_verified": "chip.verified",
    "document.chip_absent": "chip.absent",
    "document.chip_unreadable": "chip.unreadable",
    "document.chip_signature_invalid": "chip.signature_invalid",
    "document.chip_differs": "chip.differs",
    "document.chip_address_differs": "chip.address_differs",
    "document.pin_problem": "chip.pin_problem",
    "document.pinless_area_unread": "chip.pinless_area_unread",
    "document.pinless_dates_differ": "chip.pinless_dates_differ",
}
"""Facts that hold where they hold for one document or more."""

_EVERY = attrgetter(*_OF_EVERY.values())
_ANY = attrgetter(*_OF_ANY.values())

_WORST_FACE = {
    FaceComparison.NO_MATCH: 0,
    FaceComparison.INCONCLUSIVE: 1,
    FaceComparison.NOT_DONE: 2,
    FaceComparison.MATCH: 3,
}
_WORST_CERTIFICATE = {
    JpkiResult.INVALID: 0,
    JpkiResult.REVOKED: 1,
    JpkiResult.EXPIRED: 2,
    JpkiResult.NOT_CHECKED: 3,
    JpkiResult.VALID: 4,
}


def document_facts(
    documents: Sequence[IdentityDocument],
    applicant: Applicant,
    today: date,
    accepted: frozenset[DocumentType],
    grace_days: int,
) -> dict[str, FactValue]:
    """Return every `document.*` fact that the request alone can tell, of one document or more.

    `document.superseded` and `document.reissue_raised` need history and are not here. `today`
    is Japan's date; `accepted` are the kinds that this carrier accepts alone; up to
    `grace_days` after its expiry a document does not count as expired.
    """
    seen = [ROOMS[document.type].signals(document, applicant, today) for document in documents]
    pairs = list(zip(documents, seen, strict=True))
    invalid = {document.captures.number for document, one in pairs if not one.number_valid}
    days_since_expiry = max(one.days_since_expiry for one in seen)
    facts: dict[str, FactValue] = {
        "document.types": tuple(document.type.value for document in documents),
        "document.count": len(documents),
        "document.accepted": any(
            one.accepted_alone and document.type in accepted for document, one in pairs
        ),
        "document.invalid_number_typed": Capture.TYPED in invalid,
        "document.invalid_number_machine_read": bool(invalid - {Capture.TYPED}),
        "document.expired": days_since_expiry > grace_days,
        "document.days_since_expiry": days_since_expiry,
        "document.chip_outcome": seen[0].chip.outcome.value,
        "document.face_comparison": min(
            (document.face_comparison for document in documents), key=_WORST_FACE.__getitem__
        ).value,
        "document.jpki_result": min(
            _certificate_results(pairs),
            key=_WORST_CERTIFICATE.__getitem__,
            default=JpkiResult.NOT_CHECKED,
        ).value,
    }
    facts.update(zip(_OF_EVERY, map(all, zip(*map(_EVERY, seen), strict=True)), strict=True))
    facts.update(zip(_OF_ANY, map(any, zip(*map(_ANY, seen), strict=True)), strict=True))
    return facts


def _certificate_results(
    pairs: Iterable[tuple[IdentityDocument, DocumentSignals]],
) -> Iterable[JpkiResult]:
    """Return the results of the documents that carry a certificate, or were claimed to."""
    for document, one in pairs:
        result = document.chip.jpki_result
        if one.has_certificate or result is not JpkiResult.NOT_CHECKED:
            yield result
