"""The language of what a person reads, by the caller's `accept-language`."""

import re
from functools import lru_cache
from typing import Final

from sekisho.domain.clerk_texts import LANGUAGES

DEFAULT: Final = LANGUAGES[0]
MOST_LENGTH: Final = 200
"""A longer header is not a person's choice, and reads as none."""

_RANGE = re.compile(
    r"(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?"
)


@lru_cache(maxsize=256)
def choose(accept_language: str) -> str:
    """Return the language that the caller likes best: ja or en; ja where it says nothing usable.

    By RFC 9110: ranges with weights, of which the first of the heaviest wins; `ja-JP` asks for
    ja; `*` is any language not named; weight 0 refuses one.
    """
    if len(accept_language) > MOST_LENGTH:
        return DEFAULT
    weights: dict[str, float] = {}
    for part in accept_language.lower().split(","):
        found = _RANGE.fullmatch(part.strip())
        if not found:
            continue
        language = found[1].split("-")[0]
        weight = float(found[2]) if found[2] else 1.0
        weights[language] = max(weight, weights.get(language, 0.0))
    anything = weights.get("*", 0.0)
    order = [*(name for name in weights if name in LANGUAGES), *LANGUAGES]
    best = max(order, key=lambda name: weights.get(name, anything))
    return best if weights.get(best, anything) > 0 else DEFAULT
