"""Passport."""

import re
from datetime import date

from sekisho.domain.documents import mrz
from sekisho.domain.documents.base import JAPAN, DocumentSignals, numbered_identity
from sekisho.domain.documents.chip import chip_signals
from sekisho.domain.documents.dates import days_past, term_holds
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import refuse_individual_number
from sekisho.domain.masking import mask_tail
from sekisho.domain.sim_change import Applicant, IdentityDocument
from sekisho.domain.text import normalise_identifier

TERM_MONTHS = 10 * 12
NO_ADDRESS_PAGE_SINCE = date(2020, 2, 4)
"""Japanese passports applied for since have no page for the address."""

_NUMBER = re.compile(r"[A-Z0-9]{3,20}")
_JAPANESE_NUMBER = re.compile(r"[A-Z]{2}[0-9]{7}")


def parse_number(raw: str) -> str:
    """Return 3 to 20 letters and digits; empty stays empty. Twelve digits are refused.

    A Japanese number's own grammar, two letters and seven digits, is a fact: the country is
    not known here.
    """
    if not raw:
        return raw
    number = normalise_identifier(raw).upper()
    if not _NUMBER.fullmatch(number):
        raise MalformedIdentifierError("expected a passport number of 3 to 20 letters and digits")
    refuse_individual_number(number)
    return number


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
    """Return what the passport says. Of other countries' the chip and the term are not known."""
    japanese = document.issuing_country == JAPAN
    issue, expiry = document.issue_date, document.expiry_date
    zone = mrz.read(document.mrz_lines)
    return DocumentSignals(
        chip=chip_signals(document, expected=japanese),
        identified=bool(document.number),
        accepted_alone=_has_address_page(japanese, issue),
        number_valid=not (japanese and document.number)
        or _JAPANESE_NUMBER.fullmatch(document.number) is not None,
        term_consistent=term_holds(issue, expiry, today, TERM_MONTHS) if japanese else True,
        days_since_expiry=days_past(expiry, today),
        dates_missing=expiry is None,
        mrz_valid=zone is not None and zone.check_digits_hold,
        mrz_agrees=zone is None or _agrees(zone, document, applicant),
    )


def _has_address_page(japanese: bool, issue: date | None) -> bool:
    """Whether an address page is shown to be there: not without an issue date."""
    return japanese and issue is not None and issue < NO_ADDRESS_PAGE_SINCE


def _agrees(zone: mrz.Td3, document: IdentityDocument, applicant: Applicant) -> bool:
    # A number longer than the field is cut off in it.
    return (
        (not document.number or zone.number == document.number[:9])
        and mrz.agrees_with_date(zone.birth, applicant.birth_date)
        and (
            document.expiry_date is None or mrz.agrees_with_date(zone.expiry, document.expiry_date)
        )
    )
