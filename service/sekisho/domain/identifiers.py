"""Identifiers by their grammar: a raw string becomes the normalised one, or an error.

Full-width digits, spaces and hyphens are normalised first. Every function raises
MalformedIdentifierError saying what was expected, never the value. A grammar of its own is all
that a field is judged by: only `free_text` and `certificate_serial` look for an Individual
Number. Check digits are facts, not grammar.
"""

import re
import unicodedata
from datetime import date

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import LENGTH, refuse_individual_number
from sekisho.domain.text import normalise_identifier, plain_separators, refuse_control_characters

FIRST_YEAR = 1900
LAST_YEAR = 2100

_MOBILE = re.compile(r"\+81[6-9]0[1-9][0-9]{7}")
_NATIONAL_MOBILE = re.compile(r"0[6-9]0[1-9][0-9]{7}")
# Eleven digits after 050 to 090 (0800 is free of charge) and 020, fourteen after 0200, ten
# elsewhere.
_NATIONAL = re.compile(
    r"0(?:[5-9]0[0-9]{8}|20[1-9][0-9]{7}|200[0-9]{10}|(?!20|[5-9]0)[1-9][0-9]{8})"
)
_E164 = re.compile(r"\+(?!81)[1-9][0-9]{6,14}")
_BRACKETS = str.maketrans("", "", "()")
_EMAIL_MOST = 254
# Japanese carriers once gave out addresses with dots in a row or before the @.
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})"
)
_IMEI = re.compile(r"[0-9]{15,16}")
_ICCID = re.compile(r"(89[0-9]{17,18})F?", re.IGNORECASE)
_EID = re.compile(r"[0-9]{32}")
_MNP_RESERVATION_NUMBER = re.compile(r"[0-9]{10}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SERIAL = re.compile(r"(?:0x)?([0-9a-f]{1,64})")
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ONCE = bytes.maketrans(b"0123456789", bytes(range(10)))
_TWICE = bytes.maketrans(b"0123456789", bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)))


def msisdn(raw: str) -> str:
    """Return a Japanese mobile number in E.164; a national one (090…) is accepted.

    Numbers of machines (020) cannot be ported and are refused.
    """
    if _MOBILE.fullmatch(raw):
        return raw
    value = _without_separators(raw)
    if _NATIONAL_MOBILE.fullmatch(value):
        return f"+81{value[1:]}"
    if _MOBILE.fullmatch(value):
        return value
    raise MalformedIdentifierError(
        "expected a Japanese mobile number, +81 and ten digits that begin with 60, 70, 80 or 90"
    )


def contact(raw: str) -> str:
    """Return a telephone number in E.164, or an e-mail address in lower case.

    Japanese numbers are accepted in national form too; those of other countries are judged by
    their length only, 7 to 15 digits.
    """
    if _MOBILE.fullmatch(raw):
        return raw
    text = unicodedata.normalize("NFKC", raw).strip()
    if "@" in text:
        return _email(text.lower())
    value = _without_separators(text)
    if value.startswith("+81"):
        value = f"0{value[3:]}"
    if _NATIONAL.fullmatch(value):
        return f"+81{value[1:]}"
    if _E164.fullmatch(value):
        return value
    raise MalformedIdentifierError(
        "expected a telephone number (Japanese, or + and 7 to 15 digits) or an e-mail address"
    )


def imei(raw: str) -> str:
    """Return an IMEI (15 digits) or IMEISV (16 digits)."""
    value = normalise_identifier(raw)
    if not _IMEI.fullmatch(value):
        raise MalformedIdentifierError("expected an IMEI of 15 or an IMEISV of 16 digits")
    return value


def imei_valid(value: str) -> bool:
    """Whether an IMEI's check digit holds. An IMEISV has none: true."""
    return len(value) == 16 or _luhn(value)


def iccid(raw: str) -> str:
    """Return an ICCID: 19 or 20 digits that begin with 89, without a reader's filler F."""
    match = _ICCID.fullmatch(normalise_identifier(raw))
    if not match:
        raise MalformedIdentifierError("expected an ICCID of 19 or 20 digits that begin with 89")
    return match[1]


def iccid_valid(value: str) -> bool:
    """Whether an ICCID's check digit holds."""
    return _luhn(value)


def eid(raw: str) -> str:
    """Return an EID: 32 digits."""
    value = normalise_identifier(raw)
    if not _EID.fullmatch(value):
        raise MalformedIdentifierError("expected an EID of 32 digits")
    return value


def eid_valid(value: str) -> bool:
    """Whether an EID's check digits hold (SGP.02: the whole number modulo 97 is 1)."""
    return int(value) % 97 == 1


def mnp_reservation_number(raw: str) -> str:
    """Return an MNP reservation number: 10 digits."""
    value = normalise_identifier(raw)
    if not _MNP_RESERVATION_NUMBER.fullmatch(value):
        raise MalformedIdentifierError("expected an MNP reservation number of 10 digits")
    return value


def iso_date(raw: str) -> date:
    """Return a date written YYYY-MM-DD, in the years 1900 to 2100."""
    text = raw if _DATE.fullmatch(raw) else plain_separators(raw).strip()
    # The pattern comes first: fromisoformat reads week dates and dates without hyphens too.
    if _DATE.fullmatch(text):
        try:
            value = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if FIRST_YEAR <= value.year <= LAST_YEAR:
                return value
    raise MalformedIdentifierError(
        f"expected a date YYYY-MM-DD in the years {FIRST_YEAR} to {LAST_YEAR}"
    )


def certificate_serial(raw: str) -> str:
    """Return a certificate's serial number: lower-case hexadecimal without leading zeros.

    A My Number Card's own field: twelve decimal digits are refused.
    """
    match = _SERIAL.fullmatch(normalise_identifier(raw).replace(":", "").lower())
    if not match:
        raise MalformedIdentifierError("expected a serial number of 1 to 64 hexadecimal digits")
    serial = match[1].lstrip("0")
    for digits in (match[1], serial):
        if len(digits) == LENGTH:
            refuse_individual_number(digits)
    return serial or "0"


def actor_id(raw: str) -> str:
    """Return the id of a shop, terminal or member of staff: 1 to 64 of A-Z, a-z, 0-9, `.`, `_`
    and `-`, the first a letter or digit. Case counts."""
    value = raw if _ACTOR.fullmatch(raw) else unicodedata.normalize("NFKC", raw).strip()
    if not _ACTOR.fullmatch(value):
        raise MalformedIdentifierError(
            "expected 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit"
        )
    return value


def free_text(raw: str, max_length: int) -> str:
    """Return names and other free text as sent, stripped of outer space.

    Refused: more than `max_length` characters, control characters, and what may be an
    Individual Number (see `refuse_individual_number`).
    """
    text = raw.strip()
    if len(text) > max_length:
        raise MalformedIdentifierError(f"expected at most {max_length} characters")
    refuse_control_characters(text)
    refuse_individual_number(text)
    return text


def _luhn(digits: str) -> bool:
    reverse = digits.encode()[::-1]
    return (sum(reverse[::2].translate(_ONCE)) + sum(reverse[1::2].translate(_TWICE))) % 10 == 0


def _email(text: str) -> str:
    if len(text) > _EMAIL_MOST or not _EMAIL.fullmatch(text):
        raise MalformedIdentifierError("expected an e-mail address, local part @ domain")
    return text


def _without_separators(raw: str) -> str:
    return normalise_identifier(raw).translate(_BRACKETS)
