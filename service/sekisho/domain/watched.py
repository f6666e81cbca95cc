"""Identifiers as watchlists know them: one canonical form, whoever writes it down."""

import re
from collections.abc import Iterable
from datetime import date

from sekisho.domain import identifiers
from sekisho.domain.countries import country as parse_country
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.masking import mask_contact, mask_name, mask_tail
from sekisho.domain.names import person_key
from sekisho.domain.sim_change import DocumentType
from sekisho.domain.text import normalise_identifier
from sekisho.domain.value import value

_PUNCTUATION = re.compile(r"[^0-9A-Z]")
_DOCUMENT_NUMBER = re.compile(r"[0-9A-Z]{3,40}")
_OF_ANY_COUNTRY = frozenset({None, DocumentType.PASSPORT, DocumentType.OTHER})
_YEAR = re.compile(r"(19|20)\d\d")


@value
class WatchedIdentifier:
    """One identifier to keep on a list or to look up.

    `kind` is a word of IdentifierKind in lower case; kind and `canonical` together make the
    fingerprint. A `weak` one leaves something out, so that a match says less.
    """

    kind: str
    canonical: str
    masked: str
    weak: bool = False


def document(type_: DocumentType | None, country: str, number: str) -> WatchedIdentifier:
    """Return a document by type, country and number; without type or country it is weak.

    The number is compared without spaces, punctuation and case, so that lists from elsewhere
    match whatever their typist put in between.
    """
    compact = _compact(number)
    canonical, weak = _document(type_, parse_country(country) if country else "", compact)
    return WatchedIdentifier("document", canonical, mask_tail(compact), weak)


def document_forms(type_: DocumentType, country: str, number: str) -> list[tuple[str, bool]]:
    """Return every form in which a list may hold a document, and whether it is weak: `canonical`
    as `document` makes it, the whole one first. Raises MalformedIdentifierError.
    """
    compact, code = _compact(number), parse_country(country) if country else ""
    forms = (
        _document(type_, code, compact),
        _document(type_, "", compact),
        _document(None, code, compact),
        _document(None, "", compact),
    )
    # What only Japan issues has the first two alike.
    return list(dict.fromkeys(forms))


def _compact(number: str) -> str:
    if not (number.isascii() and number.isalnum() and number.isupper()):
        number = _PUNCTUATION.sub("", normalise_identifier(number).upper())
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise MalformedIdentifierError("expected a document number of 3 to 40 letters and digits")
    return number


def _document(type_: DocumentType | None, code: str, compact: str) -> tuple[str, bool]:
    if type_ not in _OF_ANY_COUNTRY:
        # Only Japan issues the others: naming another country must not hide one from a list.
        code = "JPN"
    if type_ is DocumentType.MY_NUMBER_LICENCE:
        # Lists know a licence by its number, whatever card it is held on.
        type_ = DocumentType.DRIVING_LICENCE
    kind_of = type_.value if type_ else ""
    return f"{kind_of}|{code}|{compact}", not (type_ and code)


def msisdn(raw: str) -> WatchedIdentifier:
    """Return a telephone number."""
    value = identifiers.msisdn(raw)
    return WatchedIdentifier("msisdn", value, mask_tail(value))


def imei(raw: str) -> WatchedIdentifier:
    """Return a device. IMEI and IMEISV of one device are the same: the first 14 digits."""
    value = identifiers.imei(raw)
    return WatchedIdentifier("imei", value[:14], mask_tail(value[:14]))


def iccid(raw: str) -> WatchedIdentifier:
    """Return a physical SIM."""
    value = identifiers.iccid(raw)
    return WatchedIdentifier("iccid", value, mask_tail(value))


def eid(raw: str) -> WatchedIdentifier:
    """Return an eSIM."""
    value = identifiers.eid(raw)
    return WatchedIdentifier("eid", value, mask_tail(value))


def person(name: str, birth_date: str) -> WatchedIdentifier:
    """Return a person by name and birth date; with a birth year only it is weak."""
    key = person_key(name)
    if not key:
        raise MalformedIdentifierError("expected a name with at least one letter")
    if _YEAR.fullmatch(birth_date):
        return WatchedIdentifier("person", f"{key}|{birth_date}", mask_name(name), weak=True)
    born = identifiers.iso_date(birth_date).isoformat()
    return WatchedIdentifier("person", f"{key}|{born}", mask_name(name))


def person_forms(names: Iterable[str], born: date) -> list[tuple[str, bool]]:
    """Return every form in which a list may hold a person of these names, and whether it is
    weak: `canonical` as `person` makes it. A name without a letter is none."""
    day = born.isoformat()
    return [
        form
        for key in dict.fromkeys(map(person_key, names))
        if key
        for form in ((f"{key}|{day}", False), (f"{key}|{day[:4]}", True))
    ]


def contact(raw: str) -> WatchedIdentifier:
    """Return a contact: a telephone number or an e-mail address."""
    value = identifiers.contact(raw)
    return WatchedIdentifier("contact", value, mask_contact(value))
