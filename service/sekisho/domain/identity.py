"""Who calls, and what that identity may do."""

from enum import StrEnum

from sekisho.domain.value import value


class Role(StrEnum):
    """What an identity may act as."""

    TERMINAL = "terminal"
    """A shop terminal: speaks for its own shop and terminal only."""
    GATEWAY = "gateway"
    """A carrier system: speaks for any shop, and its word on a line counts."""
    ANALYST = "analyst"
    """The fraud team: watchlists, cases, assessing without recording."""


@value
class Identity:
    """A caller. `shop` and `terminal` are set for a terminal only.

    `name` scopes request ids: `shop/{shop}` for terminals, `gateway/{name}`, `analyst/{name}`,
    `loopback` for the default without TLS, which has every role, and `console/{name}`, which has
    none: it brings analysts' tokens.
    """

    name: str
    roles: frozenset[Role]
    shop: str = ""
    terminal: str = ""
