"""The driving licence's number: d1-2 commission of the first issue, d3-4 year of the first
licence, d5-10 serial, d11 check digit, d12 times reissued."""

import re
from datetime import date
from operator import mul

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import is_individual_number
from sekisho.domain.text import normalise_identifier

COMMISSIONS = frozenset(
    str(code)
    for first, last in (
        (10, 14),
        (20, 25),
        (30, 30),
        (40, 55),
        (60, 65),
        (70, 74),
        (80, 83),
        (90, 97),
    )
    for code in range(first, last + 1)
)
"""The 51 prefectural commissions (Hokkaido has five)."""

YOUNGEST = 16
"""Age from which a first licence is possible."""
BORN_BEFORE_RULE = 1950
"""Holders born before it break the rule of the first year for honest reasons."""

_NUMBER = re.compile(r"第?([0-9]{12})号?")
_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ZEROS = sum(_WEIGHTS) * ord("0")
_REISSUES_CYCLE = 9


def parse(raw: str) -> str:
    """Return a licence's 12 digits; empty stays empty. The printed 第 and 号 are taken off.

    Raises MalformedIdentifierError for another grammar, and where the check digit fails while
    that of an Individual Number holds. Twelve zeros pass that sum too.
    """
    if not raw:
        return raw
    match = _NUMBER.fullmatch(normalise_identifier(raw))
    if not match:
        raise MalformedIdentifierError("expected a driving licence number of 12 digits")
    number = match[1]
    if not check_digit_holds(number) and (is_individual_number(number) or not int(number)):
        raise MalformedIdentifierError(
            "expected a driving licence number; an Individual Number must never be sent"
        )
    return number


def check_digit_holds(number: str) -> bool:
    """Whether d11 checks d1 to d10. d12 is not covered."""
    remainder: int = (sum(map(mul, _WEIGHTS, number.encode())) - _ZEROS) % 11
    return int(number[10]) == (11 - remainder) % 10


def is_valid(number: str) -> bool:
    """Whether the check digit holds and the commission exists."""
    return number[:2] in COMMISSIONS and check_digit_holds(number)


def first_year_consistent(number: str, birth: date, latest: date) -> bool:
    """Whether some year of d3-4 lies from the holder's 16th year to `latest`, the issue date."""
    if birth.year < BORN_BEFORE_RULE:
        return True
    earliest = birth.year + YOUNGEST
    return earliest + (int(number[2:4]) - earliest) % 100 <= latest.year


def years_held(number: str, latest: date) -> int:
    """Return the years from the latest possible first year to `latest`, the issue date."""
    return (latest.year - int(number[2:4])) % 100


def reissue_agrees(number: str, count: int) -> bool:
    """Whether d12 says `count` reissues: after 9 it goes on with 1."""
    expected = (count - 1) % _REISSUES_CYCLE + 1 if count else 0
    return int(number[11]) == expected
