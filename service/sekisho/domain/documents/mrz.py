"""The passport's machine-readable zone: two lines of 44 characters, ICAO Doc 9303 part 4 (TD3)."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.value import value

LINES = 2
LINE_LENGTH = 44

_FIRST = re.compile(r"P[A-Z<]{4}[A-Z<]{39}")
_ANY_LINE = re.compile(r"[A-Z0-9<]{44}")
_VALUES = {"<": 0} | {c: v for v, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_WEIGHTS = (7, 3, 1)


@value
class Td3:
    """What the second line says. Dates are YYMMDD, `<` where not known; `number` without `<`."""

    number: str
    birth: str
    expiry: str
    check_digits_hold: bool


def parse_lines(raw: Sequence[str]) -> tuple[str, ...]:
    """Return the lines in upper case without spaces; none stays none.

    Raises MalformedIdentifierError for anything but two lines of 44 characters.
    """
    if not raw:
        return ()
    lines = tuple("".join(unicodedata.normalize("NFKC", line).split()).upper() for line in raw)
    if len(lines) != LINES or not all(map(_ANY_LINE.fullmatch, lines)):
        raise MalformedIdentifierError(
            f"expected {LINES} lines of {LINE_LENGTH} characters A-Z, 0-9 and <"
        )
    return lines


def read(lines: Sequence[str]) -> Td3 | None:
    """Read a zone; None where it is not a passport's."""
    if len(lines) != LINES or not _FIRST.fullmatch(lines[0]) or not _ANY_LINE.fullmatch(lines[1]):
        return None
    second = lines[1]
    number, birth, expiry, optional = second[:9], second[13:19], second[21:27], second[28:42]
    return Td3(
        number=number.replace("<", ""),
        birth=birth,
        expiry=expiry,
        check_digits_hold=_check(number) == second[9]
        and _check(birth) == second[19]
        and _check(expiry) == second[27]
        # An empty field may have the filler for a check digit.
        and (_check(optional) == second[42] or (optional + second[42]).strip("<") == "")
        and _check(second[:10] + second[13:20] + second[21:43]) == second[43],
    )


def agrees_with_date(field: str, day: date) -> bool:
    """Whether YYMMDD names the day, as far as it is known (`<` where not)."""
    return all(a in {b, "<"} for a, b in zip(field, f"{day:%y%m%d}", strict=True))


def holder_name(lines: Sequence[str]) -> str:
    """Return the holder's name, surname first; empty where the zone is not a passport's."""
    if not lines or not _FIRST.fullmatch(lines[0]):
        return ""
    return " ".join(lines[0][5:].replace("<", " ").split())


def _check(field: str) -> str:
    return str(sum(_VALUES[c] * _WEIGHTS[i % 3] for i, c in enumerate(field)) % 10)
