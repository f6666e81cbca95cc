"""My Number Card (マイナンバーカード). It has no number that may be taken."""

import re
from datetime import date

from sekisho.domain.documents.base import JAPAN, DocumentSignals, identity
from sekisho.domain.documents.chip import chip_signals, pinless_area_read
from sekisho.domain.documents.dates import age, birthday_after, days_past
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.names import kana_key, person_key
from sekisho.domain.sim_change import Applicant, Chip, ChipOutcome, DocumentType, IdentityDocument

ADULT_BIRTHDAYS = 10
MINOR_BIRTHDAYS = 5
"""Birthdays after issue until which the card of an adult or a minor holds."""
ADULT_AT_18_SINCE = date(2022, 4, 1)
"""Applications before it: an adult at 20."""
ADULT_AT_18_FOR_ALL_FROM = date(2023, 4, 1)
"""From here on no card is expected any more whose application was made before the change."""

_LATIN = re.compile("[A-Za-zＡ-Ｚａ-ｚÀ-ɏ]")


def parse_number(raw: str) -> str:
    """Refuse any number: the only one that the card shows is the Individual Number."""
    if raw:
        raise MalformedIdentifierError(
            "expected no number: a My Number Card has none that may be sent"
        )
    return raw


def card_identity(document: IdentityDocument) -> str | None:
    """Return None: no list can name a card that has no number."""
    return None


def velocity_identity(document: IdentityDocument, applicant: Applicant) -> str:
    """Return the certificate's serial number, else the face image's digest, else who holds it
    (kana name, birth date, expiry), which is weak."""
    chip = document.chip
    if chip.certificate_serial_number:
        return _identity("certificate", chip.certificate_serial_number)
    if chip.face_image_digest:
        return _identity("face", chip.face_image_digest.hex())
    return _identity(
        "holder",
        kana_key(applicant.name_kana) or person_key(applicant.name),
        applicant.birth_date.isoformat(),
        document.expiry_date.isoformat() if document.expiry_date else "",
    )


def is_identified(chip: Chip) -> bool:
    """Whether the chip gave what identifies the card."""
    return bool(chip.certificate_serial_number or chip.face_image_digest)


def masked(document: IdentityDocument) -> str:
    """Return the kind of document, for there is nothing else to show."""
    return "My Number Card"


def chip_unread(chip: Chip) -> bool:
    """Whether nothing was read. 照合番号B opens the face data without a PIN, so that a
    forgotten PIN is no excuse."""
    return chip.outcome is not ChipOutcome.READ and not pinless_area_read(chip)


def signals(document: IdentityDocument, applicant: Applicant, today: date) -> DocumentSignals:
    """Return what the card says."""
    expiry = document.expiry_date
    return DocumentSignals(
        chip=chip_signals(document),
        identified=is_identified(document.chip),
        expiry_consistent=_expiry_consistent(document, applicant),
        term_consistent=_term_consistent(document, applicant, today),
        days_since_expiry=days_past(expiry, today),
        dates_missing=expiry is None,
        has_certificate=True,
        my_number_card_chip_unread=chip_unread(document.chip),
    )


def _expiry_consistent(document: IdentityDocument, applicant: Applicant) -> bool:
    """Whether the card expires on the holder's birthday; where the issue date is known, on the
    right one.

    A foreign resident's card expires with the stay, and such names are in Latin letters: then
    only the term is judged.
    """
    expiry, issue, birth = document.expiry_date, document.issue_date, applicant.birth_date
    if expiry is None or _LATIN.search(applicant.name):
        return True
    if not _is_birthday(expiry, birth):
        return False
    if issue is None:
        return True
    return any(birthday_after(birth, issue, n).year == expiry.year for n in _terms(birth, issue))


def _term_consistent(document: IdentityDocument, applicant: Applicant, today: date) -> bool:
    """Whether the card expires after issue, and not after the last birthday that it may reach."""
    expiry, issue, birth = document.expiry_date, document.issue_date, applicant.birth_date
    if issue is not None and issue > today:
        return False
    if expiry is None:
        return True
    if issue is None:
        return expiry.year <= birthday_after(birth, today, ADULT_BIRTHDAYS).year
    last = birthday_after(birth, issue, max(_terms(birth, issue)))
    return issue < expiry and expiry.year <= last.year


def _terms(birth: date, issue: date) -> tuple[int, ...]:
    """Return the birthdays after issue at which the card may expire."""
    at_issue = age(birth, issue)
    if at_issue < 18 or (at_issue < 20 and issue < ADULT_AT_18_SINCE):
        return (MINOR_BIRTHDAYS,)
    if at_issue < 20 and issue < ADULT_AT_18_FOR_ALL_FROM:
        return (MINOR_BIRTHDAYS, ADULT_BIRTHDAYS)
    return (ADULT_BIRTHDAYS,)


def _is_birthday(day: date, birth: date) -> bool:
    """Whether a day is the birthday; of 29 February, also the days beside it in other years."""
    if (day.month, day.day) == (birth.month, birth.day):
        return True
    return (birth.month, birth.day) == (2, 29) and (day.month, day.day) in {(2, 28), (3, 1)}


def _identity(*parts: str) -> str:
    return identity(DocumentType.MY_NUMBER_CARD, JAPAN, *parts)
