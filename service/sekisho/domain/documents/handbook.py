"""The three disability handbooks (身体障害者手帳, 精神障害者保健福祉手帳, 療育手帳)."""

from datetime import date

from sekisho.domain.documents import free_form
from sekisho.domain.documents.base import DocumentSignals, numbered_identity
from sekisho.domain.documents.chip import NO_CHIP
from sekisho.domain.documents.dates import days_past, term_holds
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, DocumentType, IdentityDocument

MENTAL_TERM_MONTHS = 27
"""Two years (精神保健福祉法 45 条), and the three months before expiry in which it is renewed."""


def parse_number(raw: str) -> str:
    """Return the number (see `free_form.parse`): every prefecture has its own form."""
    return free_form.parse(raw)


def card_identity(document: IdentityDocument) -> str | None:
    """Return type, country and number."""
    return numbered_identity(document)


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str | None:
    """Return the same as the card's identity."""
    return numbered_identity(document)


def masked(document: IdentityDocument) -> str:
    """Return the number's end."""
    return mask_tail(document.number)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the handbook says. It has no chip; the mental one alone must expire."""
    mental = document.type is DocumentType.MENTAL_DISABILITY_HANDBOOK
    issue, expiry = document.issue_date, document.expiry_date
    return DocumentSignals(
        chip=NO_CHIP,
        identified=bool(document.number),
        term_consistent=not mental or term_holds(issue, expiry, today, MENTAL_TERM_MONTHS),
        days_since_expiry=days_past(expiry, today),
        dates_missing=mental and expiry is None,
    )
