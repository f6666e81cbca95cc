"""Who calls: the client certificate's SPIFFE id, or loopback where there is no TLS.

An analyst is named by a token too, where the connection is one that may carry it.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Protocol

from sekisho.domain.identity import Identity, Role
from sekisho.rpc.bearer import Bearers, Carrying, token_of
from sekisho.rpc.errors import UnauthenticatedError

LOOPBACK: Final = Identity("loopback", frozenset(Role))
"""The caller of a server without TLS, which listens on loopback only."""

_SEGMENT = r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})"
_TERMINAL = re.compile(f"/shop/{_SEGMENT}/terminal/{_SEGMENT}")
_NAMED = re.compile(f"/(gateway|analyst|console)/{_SEGMENT}")
_CONSOLE = "console"

# gRPC offers no older TLS, and of 1.2 only ciphers with forward secrecy and AEAD. Should that
# ever change, a connection that is neither of these is refused; gRPC tells from 1.84 on.
_TLS_VERSIONS = frozenset({b"TLSv1.2", b"TLSv1.3"})


class Authenticated(Carrying, Protocol):
    """The part of a call's context that tells who calls."""

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """Return the connection's properties; empty without TLS."""


class Identities:
    """Tells identities apart.

    Each call asks the connection anew (7 µs): an answer kept by peer address would outlive the
    connection, and the next client from that port would inherit it. Revocation lists are not in
    gRPC's Python API: short-lived certificates take their place.
    """

    def __init__(self, trust_domain: str, bearers: Bearers | None = None) -> None:
        """Take the trust domain of the clients' ids, empty: there is no TLS; and what reads
        analysts' tokens."""
        self._prefix = f"spiffe://{trust_domain}"
        self._tls = bool(trust_domain)
        self._bearers = bearers or Bearers()

    async def of(self, context: Authenticated) -> Identity:
        """Return the caller's identity.

        Terminals and gateways carry no token, and pay nothing for those who do: their metadata
        is not looked at here. Raises UnauthenticatedError, and UnavailableError where a token
        cannot be verified now.
        """
        identity = self.connected(context)
        if identity.shop or (identity is not LOOPBACK and Role.GATEWAY in identity.roles):
            return identity
        token = token_of(context)
        return identity if token is None else await self._bearers.of(token)

    def connected(self, context: Authenticated) -> Identity:
        """Return whom the connection names. Raises UnauthenticatedError."""
        if not self._tls:
            return LOOPBACK
        properties = context.auth_context()
        if not _TLS_VERSIONS.issuperset(properties.get("ssl_tls_version", ())):
            raise UnauthenticatedError("TLS 1.2 or 1.3 is needed")
        uris = tuple(properties.get("peer_uri", ()))
        if len(uris) != 1:
            raise UnauthenticatedError(
                "the client certificate must have exactly one URI as its subject's alternative name"
            )
        return parse(uris[0].decode("ascii", "replace"), self._prefix)


@lru_cache(maxsize=4096)
def parse(uri: str, prefix: str) -> Identity:
    """Return the identity that a SPIFFE id names; `prefix` is `spiffe://{trust domain}`.

    Raises UnauthenticatedError where it is of another trust domain or names nobody.
    """
    path = uri.removeprefix(prefix)
    if path == uri:
        raise UnauthenticatedError("the client certificate is of another trust domain")
    if terminal := _TERMINAL.fullmatch(path):
        shop, name = terminal.groups()
        return Identity(f"shop/{shop}", frozenset({Role.TERMINAL}), shop, name)
    if named := _NAMED.fullmatch(path):
        role, name = named.groups()
        # A console may do nothing by itself: what it does, an analyst's token lets it do.
        roles = frozenset() if role == _CONSOLE else frozenset({Role(role)})
        return Identity(f"{role}/{name}", roles)
    raise UnauthenticatedError(
        "the client certificate names neither a shop's terminal, nor a gateway, an analyst or a "
        "console"
    )
