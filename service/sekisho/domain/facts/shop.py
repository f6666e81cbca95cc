"""Facts about the counter."""

from sekisho.domain.facts.declaration import Fact, FactType

_B = FactType.BOOL
_D = FactType.DOUBLE
_S = FactType.STRING
_NOT_LOADED = "the shops have not been read from the ledger yet"

SHOP_FACTS = (
    Fact("shop.known", _B, "The shop has been imported.", _NOT_LOADED),
    Fact(
        "shop.prefecture",
        _S,
        "The shop's prefecture, ISO 3166-2; empty where not known.",
        _NOT_LOADED,
    ),
    Fact(
        "shop.terminal_known",
        _B,
        "The terminal is one of the shop's; true where the shop's terminals are not known.",
        _NOT_LOADED,
    ),
    Fact("shop.open_now", _B, "Within opening hours; true where they are not known.", _NOT_LOADED),
    Fact(
        "shop.clerk_on_shift",
        _B,
        "Within the clerk's shift; true where shifts are not known.",
        _NOT_LOADED,
    ),
    Fact(
        "shop.usual_tries_24h",
        _D,
        "The shop's mean tries a day over the last 28 days; 0 without history.",
        _NOT_LOADED,
    ),
    Fact("shop.usual_tries_per_clerk_24h", _D, "The same for one of its clerks.", _NOT_LOADED),
)
