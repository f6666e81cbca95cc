"""How an analyst wants the pages: language, colours, zone and keys. Kept in cookies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

LANGUAGES: Final = ("ja", "en")
THEMES: Final = ("system", "light", "dark")
ZONE: Final = "Asia/Tokyo"
"""Where the browser has not said where it is."""

COOKIES: Final[Mapping[str, tuple[str, ...]]] = {
    "language": LANGUAGES,
    "theme": THEMES,
    "keys": ("on", "off"),
}
"""What a switch may set, and to what."""

_TAG: Final = re.compile(r"\b(ja|en)(?:-[a-z0-9]+)*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?", re.I)
_MOST_HEADER: Final = 500
_MOST_ZONE: Final = 64


@dataclass(frozen=True, slots=True)
class Preferences:
    """How one analyst wants the pages."""

    language: str
    theme: str
    keys: bool
    zone: ZoneInfo
    zone_name: str


def cookie_name(name: str) -> str:
    """Return the name of a preference's cookie."""
    return f"sekisho-{name}"


def preferences_of(request: Request) -> Preferences:
    """Return the wishes of a request's browser. What its cookies do not say is decided here."""
    cookies = request.cookies
    zone_name, zone = _zone(cookies.get(cookie_name("zone"), ""))
    return Preferences(
        language=_chosen(cookies, "language")
        or language_of(request.headers.get("accept-language", "")),
        theme=_chosen(cookies, "theme") or "system",
        keys=_chosen(cookies, "keys") != "off",
        zone=zone,
        zone_name=zone_name,
    )


def language_of(accept_language: str) -> str:
    """Return the language that a browser prefers, ja or en; ja without a wish."""
    wishes = {tag.lower(): float(q or 1) for tag, q in _TAG.findall(accept_language[:_MOST_HEADER])}
    return "en" if wishes.get("en", 0.0) > wishes.get("ja", 0.0) else "ja"


def _chosen(cookies: Mapping[str, str], name: str) -> str:
    value = cookies.get(cookie_name(name), "")
    return value if value in COOKIES[name] else ""


def _zone(name: str) -> tuple[str, ZoneInfo]:
    if name and len(name) <= _MOST_ZONE:
        try:
            return name, ZoneInfo(name)
        # It reads a file of that name, and tells in many ways that there is none.
        except (OSError, ValueError, LookupError):
            pass
    return ZONE, ZoneInfo(ZONE)
