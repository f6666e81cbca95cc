"""Passport numbers as lists write them, with words, series and countries around them."""

import re
import unicodedata

from sekisho.cli.sources.country_names import country_code

_LABEL = re.compile(r"\b(?:number|no\b\.?(?=\W)|no(?=\d)|n[°º])\s*:?", re.IGNORECASE)
_REST = re.compile(r"\s(?:issued?|expir\w+|exp\.|valid|and|under|-)\s.*", re.IGNORECASE | re.DOTALL)
_PAREN = re.compile(r"\(([^)]*)\)?")
_SERIES = re.compile(r"[A-Z]{1,4}(?:-[A-Z]{1,2})?")
_DIGITS = re.compile(r"[A-Z]{0,4}[-/.]?[A-Z0-9/.-]*\d[A-Z0-9/.-]*")
_LONGEST = 20


def passport(text: str) -> tuple[str, str | None] | None:
    """Return a passport's number (letters and digits only) and the country that the text names.

    "RL 1794375 (Lebanon)" gives ("RL1794375", "LB"); None where the text holds no number.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    country = None
    for found in _PAREN.finditer(text):
        country = country or country_code(found[1])
    text = _REST.sub("", f" {_PAREN.sub(' ', text)} ")

    number = ""
    for part in text.split(","):
        found_number, named = _number(part)
        if found_number and not number:
            number = found_number
            country = country or named
        elif number:
            country = country or country_code(part)
    if not number or len(number) > _LONGEST:
        return None
    return number, country


def _number(part: str) -> tuple[str, str | None]:
    """Return the number in one part, and the country named before or after it."""
    label = _LABEL.search(part)
    before, rest = (part[: label.start()], part[label.end() :]) if label else ("", part)
    words = [word for word in rest.replace(":", " ").split() if not _LABEL.fullmatch(word + " ")]

    # The number is the last run of series letters and digits; words stand around it.
    last = next((i for i in reversed(range(len(words))) if _DIGITS.fullmatch(words[i])), None)
    if last is None:
        return "", None
    first = last
    while first and (_DIGITS.fullmatch(words[first - 1]) or _SERIES.fullmatch(words[first - 1])):
        first -= 1
    if first and words[first] == "CAR":
        first += 1
    number = re.sub(r"[^A-Z0-9]", "", "".join(words[first : last + 1]))
    around = [before, " ".join(words[:first]), " ".join(words[last + 1 :])]
    return number, next(filter(None, map(_country_in, around)), None)


def _country_in(words: str) -> str | None:
    """Find a country's name at the start or end of some words, the longest first."""
    parts = words.split()
    for length in range(min(len(parts), 5), 0, -1):
        for candidate in (parts[:length], parts[-length:]):
            if code := country_code(" ".join(candidate)):
                return code
    return None
