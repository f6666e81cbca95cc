"""Facts about watchlist matches."""

from sekisho.domain.facts.declaration import Fact, FactType

_I = FactType.INT
_L = FactType.STRINGS
_NO_LIST = "the cache is away, or a watchlist is not loaded in its current version"

WATCHLIST_FACTS = (
    *(
        fact
        for role, text in (
            ("document", "A document"),
            ("line", "The line"),
            ("device", "The device"),
            ("sim", "The new SIM"),
            ("applicant", "The applicant (name and birth date)"),
            ("contact", "The contact"),
        )
        for fact in (
            Fact(
                f"watchlist.{role}.hits",
                _I,
                f"{text} matches this many watchlist entries.",
                _NO_LIST,
            ),
            Fact(
                f"watchlist.{role}.weak_hits",
                _I,
                f"{text} matches this many entries that leave out country, type or day of birth.",
                _NO_LIST,
            ),
        )
    ),
    Fact("watchlist.lists", _L, "Ids of the watchlists that matched.", _NO_LIST),
)
