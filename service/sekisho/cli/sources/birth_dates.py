"""Birth dates as lists write them: exact, a month, a year, about, or a span of years."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAY = re.compile(r"(\d{1,2})\.? ([A-Za-z]{3,9})\.? (\d{4})")
_ISO_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_SPAN = re.compile(r"(?:\S+ ){0,2}(\d{4})\s*(?:to|-|–)\s*(?:\S+ ){0,2}(\d{4})")
_YEAR_LAST = re.compile(r"(?:([A-Za-z]{3,9})\.? )?(\d{4})")
_ABOUT = re.compile(r"^(?:circa|approximately|about|c\.|ca\.)\s*", re.IGNORECASE)

WIDEST_SPAN = 5
"""A wider span of years says too little: a name and any of eleven years matches strangers."""


def birth_dates(text: str) -> tuple[str, ...]:
    """Return the dates (YYYY-MM-DD) or years (YYYY) that a text means; none if it means none.

    What is only about right, or lacks the day, becomes a year; a short span becomes its years.
    """
    text = " ".join(text.split())
    plain = _ABOUT.sub("", text)
    about = plain != text

    day = _exact(plain)
    if day:
        return (str(day.year),) if about else (day.isoformat(),)
    if span := _SPAN.fullmatch(plain):
        return years(int(span[1]), int(span[2]))
    found = _YEAR_LAST.fullmatch(plain)
    if found and (found[1] is None or found[1][:3].lower() in _MONTHS):
        return years(int(found[2]), int(found[2]))
    return ()


def years(first: int, last: int) -> tuple[str, ...]:
    """Return the years from first to last, or none where the span is wide or not plausible."""
    if not 1900 <= first <= last <= 2099 or last - first >= WIDEST_SPAN:
        return ()
    return tuple(str(year) for year in range(first, last + 1))


def _exact(text: str) -> date | None:
    try:
        if found := _ISO_DAY.fullmatch(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY.fullmatch(text):
            return date(int(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1]))
    except ValueError:
        pass
    return None
