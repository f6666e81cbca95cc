"""Text as people and scanners send it, brought to one form."""

import re
import unicodedata

from sekisho.domain.errors import MalformedIdentifierError

_HYPHENS = (
    "-\u00ad\u02d7\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2212\u2500\u2501"
    # The long vowel mark, which Japanese keyboards give where a hyphen is meant.
    "\u30fc"
)
_SPACES = " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u3000"
_INVISIBLE = "\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u20e3\ufeff" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
_WITHOUT_SEPARATORS = str.maketrans("", "", _HYPHENS + _SPACES + _INVISIBLE)
_PLAIN_SEPARATORS = str.maketrans(
    dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_SPACES, " ") | dict.fromkeys(_INVISIBLE, "")
)
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
# C0, C1, line and paragraph separators, bidirectional controls, surrogates. Joiners and
# variation selectors stay: names are written with them.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def normalise_identifier(raw: str) -> str:
    """Return `raw` in NFKC without spaces, hyphens and invisible characters; case is kept.

    The long vowel mark and the dashes count as hyphens.
    """
    if raw.isascii() and raw.isalnum():
        return raw
    return unicodedata.normalize("NFKC", raw).translate(_WITHOUT_SEPARATORS)


def plain_separators(raw: str) -> str:
    """Return `raw` in NFKC with every space as ` `, every hyphen as `-`, every decimal digit of
    any script as ASCII, and without invisible characters."""
    text = unicodedata.normalize("NFKC", raw).translate(_PLAIN_SEPARATORS)
    return _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)


def refuse_control_characters(text: str) -> None:
    """Raise MalformedIdentifierError where text has a control character, NUL or a line break.

    Bidirectional controls count: they make a screen show another text than was stored.
    """
    if _CONTROL.search(text):
        raise MalformedIdentifierError("expected text without control characters")
