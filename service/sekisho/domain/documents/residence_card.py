"""Residence card (在留カード) and special permanent resident certificate (特別永住者証明書)."""

import re
from datetime import date

from sekisho.domain.documents.base import DocumentSignals, numbered_identity
from sekisho.domain.documents.chip import chip_signals
from sekisho.domain.documents.dates import birthday_in, days_past, term_holds
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, IdentityDocument
from sekisho.domain.text import normalise_identifier

TERM_MONTHS = 7 * 12 + 2
"""Permanent residents' seven years, and the two months before expiry in which they renew."""
LIKE_MY_NUMBER_CARD_SINCE = date(2026, 6, 14)
"""Cards issued since follow the My Number Card's term, the 10th birthday after issue."""
LONG_TERM_MONTHS = 10 * 12 + 2
CHILD_AGE = 16

_NUMBER = re.compile(r"[A-Z]{2}[0-9]{8}[A-Z]{2}")


def parse_number(raw: str) -> str:
    """Return the number: two letters, eight digits, two letters. It has no check digit."""
    if not raw:
        return raw
    number = normalise_identifier(raw).upper()
    if not _NUMBER.fullmatch(number):
        raise MalformedIdentifierError("expected two letters, eight digits and two letters")
    return number


def card_identity(document: IdentityDocument) -> str | None:
    """Return type, country and number."""
    return numbered_identity(document)


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str | None:
    """Return the same as the card's identity: the number changes with every card."""
    return numbered_identity(document)


def masked(document: IdentityDocument) -> str:
    """Return the number's end."""
    return mask_tail(document.number)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the card says. It has a chip that needs no PIN, and prints its expiry."""
    issue, expiry = document.issue_date, document.expiry_date
    issued = issue or today
    months = LONG_TERM_MONTHS if issued >= LIKE_MY_NUMBER_CARD_SINCE else TERM_MONTHS
    return DocumentSignals(
        chip=chip_signals(document),
        identified=bool(document.number),
        expiry_consistent=expiry is None or _child_term_holds(expiry, applicant, issued),
        term_consistent=term_holds(issue, expiry, today, months),
        days_since_expiry=days_past(expiry, today),
        dates_missing=expiry is None,
    )


def _child_term_holds(expiry: date, applicant: Applicant, issued: date) -> bool:
    """Whether a child's card expires before the 16th birthday; nobody else's is judged."""
    birth = applicant.birth_date
    sixteenth = birthday_in(birth, birth.year + CHILD_AGE)
    return issued >= sixteenth or expiry < sixteenth
