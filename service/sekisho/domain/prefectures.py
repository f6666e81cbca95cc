"""The 47 prefectures, ISO 3166-2, and which of them are next to each other."""

import re
import unicodedata
from collections.abc import Mapping

from sekisho.domain.errors import MalformedIdentifierError

_CODE = re.compile(r"JP-(?:0[1-9]|[1-3][0-9]|4[0-7])")

# Each pair once, the lower code first: land borders, and the crossings that people commute by
# (Hokkaido-Aomori, Hyogo-Tokushima, Okayama-Kagawa, Hiroshima-Ehime, Yamaguchi-Fukuoka,
# Kagoshima-Okinawa).
_BORDERS = """
01:02 02:03,05 03:04,05 04:05,06,07 05:06 06:07,15 07:08,09,10,15 08:09,11,12 09:10,11
10:11,15,20 11:12,13,19,20 12:13 13:14,19 14:19,22 15:16,20 16:17,20,21 17:18,21 18:21,25,26
19:20,22 20:21,22,23 21:23,24,25 22:23 23:24 24:25,26,29,30 25:26 26:27,28,29 27:28,29,30
28:31,33,36 29:30 31:32,33,34 32:34,35 33:34,37 34:35,38 35:40 36:37,38,39 37:38 38:39
40:41,43,44 41:42 43:44,45,46 44:45 45:46 46:47
"""


def _neighbours() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {f"JP-{code:02}": set() for code in range(1, 48)}
    for entry in _BORDERS.split():
        one, others = entry.split(":")
        for other in others.split(","):
            found[f"JP-{one}"].add(f"JP-{other}")
            found[f"JP-{other}"].add(f"JP-{one}")
    return {code: frozenset(next_to) for code, next_to in found.items()}


NEIGHBOURS = _neighbours()
"""The prefectures next to each prefecture; symmetric."""


def prefecture(raw: str) -> str:
    """Return a prefecture's code, JP-01 to JP-47."""
    value = unicodedata.normalize("NFKC", raw).strip().upper()
    if not _CODE.fullmatch(value):
        raise MalformedIdentifierError("expected a prefecture, JP-01 to JP-47")
    return value


def is_far(home: str, shop: str) -> bool:
    """Whether the shop's prefecture is neither home nor next to it; false where one is empty."""
    return bool(home and shop) and shop != home and shop not in NEIGHBOURS[home]
