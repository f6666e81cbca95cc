"""Where a request comes from: by its certificate, else by what it says."""

from typing import Protocol

from sekisho.domain import identifiers
from sekisho.domain.identity import Identity
from sekisho.domain.sim_change import Counter
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.errors import IdentityMismatchError


class FromCounter(Protocol):
    """A request that may name its shop and terminal."""

    @property
    def shop(self) -> str:
        """The shop, or empty."""

    @property
    def terminal(self) -> str:
        """The terminal within the shop, or empty."""


def counter(violations: Violations, request: FromCounter, identity: Identity) -> Counter:
    """Return the shop and terminal of a request.

    A terminal's certificate settles both; IdentityMismatchError where the request says
    otherwise. Everyone else names them.
    """
    if identity.terminal:
        if request.shop not in ("", identity.shop) or request.terminal not in (
            "",
            identity.terminal,
        ):
            raise IdentityMismatchError(
                "shop and terminal of the request are not those of the client certificate"
            )
        return Counter(identity.shop, identity.terminal)
    return Counter(
        violations.read("shop", identifiers.actor_id, request.shop, ""),
        violations.read("terminal", identifiers.actor_id, request.terminal, ""),
    )
