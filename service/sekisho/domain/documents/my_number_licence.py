"""Driving licence held on a My Number Card (マイナ免許証). Nothing of it is printed."""

from datetime import date

from sekisho.domain.documents import driving_licence, licence_number, my_number_card
from sekisho.domain.documents.base import DocumentSignals
from sekisho.domain.documents.chip import chip_signals
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, ChipOutcome, IdentityDocument


def parse_number(raw: str) -> str:
    """Return the licence's 12 digits as the chip has them; any other number is refused."""
    return licence_number.parse(raw)


def card_identity(document: IdentityDocument) -> str | None:
    """Return the licence by all 12 digits, as a driving licence; None without a number."""
    return driving_licence.card_identity(document)


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str | None:
    """Return the licence (d1 to d11, as a driving licence), else the My Number Card it is on."""
    return driving_licence.velocity_identity(
        document, applicant
    ) or my_number_card.velocity_identity(document, applicant)


def masked(document: IdentityDocument) -> str:
    """Return the number's end, or the kind of document."""
    return mask_tail(document.number) if document.number else my_number_card.masked(document)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the licence says. Its dates are in the chip: missing only where that was read."""
    return driving_licence.licence_signals(
        document,
        applicant,
        today,
        chip=chip_signals(document),
        identified=bool(document.number) or my_number_card.is_identified(document.chip),
        dates_missing=document.expiry_date is None and document.chip.outcome is ChipOutcome.READ,
        has_certificate=True,
        my_number_card_chip_unread=my_number_card.chip_unread(document.chip),
    )
