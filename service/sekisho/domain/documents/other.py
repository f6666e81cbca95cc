"""Any other document: what it prints and carries is not known."""

from datetime import date

from sekisho.domain.documents import free_form
from sekisho.domain.documents.base import DocumentSignals, numbered_identity
from sekisho.domain.documents.chip import chip_signals
from sekisho.domain.documents.dates import days_past
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, IdentityDocument


def parse_number(raw: str) -> str:
    """Return the number (see `free_form.parse`)."""
    return free_form.parse(raw)


def card_identity(document: IdentityDocument) -> str | None:
    """Return type, country and number."""
    return numbered_identity(document, document.issuing_country)


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str | None:
    """Return the same as the card's identity."""
    return numbered_identity(document, document.issuing_country)


def masked(document: IdentityDocument) -> str:
    """Return the number's end."""
    return mask_tail(document.number)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the document says of its expiry and its chip, where it has them."""
    return DocumentSignals(
        chip=chip_signals(document, expected=False),
        identified=bool(document.number),
        days_since_expiry=days_past(document.expiry_date, today),
    )
