"""Driving licence (運転免許証)."""

from datetime import date

from sekisho.domain.documents import licence_dates, licence_number
from sekisho.domain.documents.base import JAPAN, DocumentSignals, identity
from sekisho.domain.documents.chip import ChipSignals, chip_signals
from sekisho.domain.documents.dates import days_past, term_holds
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, DocumentType, IdentityDocument, LicenceColour

GOLD_YEARS = 5
"""A gold licence takes five years without an offence."""

_LICENCES = frozenset({DocumentType.DRIVING_LICENCE, DocumentType.MY_NUMBER_LICENCE})


def parse_number(raw: str) -> str:
    """Return the 12 digits (see `licence_number.parse`)."""
    return licence_number.parse(raw)


def card_identity(document: IdentityDocument) -> str | None:
    """Return the card: all 12 digits, so that a lost card's successor is another one.

    The licence on a My Number Card is the same card by this, as lists know licences by number.
    """
    if not document.number:
        return None
    return identity(DocumentType.DRIVING_LICENCE, JAPAN, document.number)


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str | None:
    """Return the licence: d1 to d11, whatever its card and however often reissued."""
    if not document.number:
        return None
    return identity(DocumentType.DRIVING_LICENCE, JAPAN, document.number[:11])


def masked(document: IdentityDocument) -> str:
    """Return the number's end."""
    return mask_tail(document.number)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the licence says. Every current one has a chip and prints its expiry."""
    return licence_signals(
        document,
        applicant,
        today,
        chip=chip_signals(document, compare_dates=True),
        identified=bool(document.number),
        dates_missing=document.expiry_date is None,
    )


def licence_signals(
    document: IdentityDocument,
    applicant: Applicant,
    today: date,
    *,
    chip: ChipSignals,
    identified: bool,
    dates_missing: bool,
    has_certificate: bool = False,
    my_number_card_chip_unread: bool = False,
) -> DocumentSignals:
    """Return the signals of a licence, on a card of its own or on a My Number Card.

    An issue date that was left out is judged as today: it was not later.
    """
    number, issue, expiry = document.number, document.issue_date, document.expiry_date
    birth, latest = applicant.birth_date, issue or today
    number_valid = first_year_fits = True
    gold_too_early = False
    if number:
        number_valid = licence_number.is_valid(number)
        first_year_fits = licence_number.first_year_consistent(number, birth, latest)
        gold_too_early = (
            document.licence_colour is LicenceColour.GOLD
            and licence_number.years_held(number, latest) < GOLD_YEARS
        )
    past = 0
    if expiry is not None and expiry < today:
        past = days_past(licence_dates.last_valid_day(expiry), today)
    return DocumentSignals(
        chip=chip,
        identified=identified,
        number_valid=number_valid,
        first_year_consistent=first_year_fits,
        expiry_consistent=expiry is None or licence_dates.expiry_consistent(expiry, birth, issue),
        term_consistent=term_holds(issue, expiry, today, licence_dates.TERM_MONTHS),
        days_since_expiry=past,
        dates_missing=dates_missing,
        gold_too_early=gold_too_early,
        has_certificate=has_certificate,
        my_number_card_chip_unread=my_number_card_chip_unread,
    )


def reissue_digit(document: IdentityDocument) -> int | None:
    """Return a licence's last digit, times reissued (after 9 it goes on with 1); None where the
    document is no licence or has no number."""
    if document.type not in _LICENCES or not document.number:
        return None
    return int(document.number[11])


def check_reissue_count(document: IdentityDocument) -> None:
    """Raise MalformedIdentifierError where a reissue count contradicts a licence's last digit."""
    if document.reissue_count is None or reissue_digit(document) is None:
        return
    if not licence_number.reissue_agrees(document.number, document.reissue_count):
        raise MalformedIdentifierError(
            "expected the count that the licence number's last digit says"
        )
