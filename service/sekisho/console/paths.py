"""Where things are on the console, and when days begin."""

from datetime import date, datetime, time, tzinfo
from urllib.parse import quote


def case_path(name: str, said: str = "") -> str:
    """Return the page of a decision, `decisions/{uuid}`; `said` names what was just done to it."""
    path = f"/cases/{quote(name.removeprefix('decisions/'), safe='')}"
    return f"{path}?said={said}" if said else path


def group_path(name: str, said: str = "") -> str:
    """Return the page of a group, `groups/{group}`."""
    path = f"/groups/{quote(name.removeprefix('groups/'), safe='')}"
    return f"{path}?said={said}" if said else path


def watchlist_path(name: str, said: str = "") -> str:
    """Return the page of a watchlist, `watchlists/{watchlist}`."""
    path = f"/watchlists/{quote(name.removeprefix('watchlists/'), safe='')}"
    return f"{path}?said={said}" if said else path


def decision_name(id_: str) -> str:
    """Return what the API calls the decision of a page's address."""
    return f"decisions/{id_}"


def at_midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment at which a day begins in a zone."""
    return datetime.combine(day, time(), zone)
