"""Who calls: the client certificate's SPIFFE id, or loopback where there is no TLS."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, Protocol

from sekisho.domain.identity import Identity, Role
from sekisho.rpc.errors import UnauthenticatedError

LOOPBACK: Final = Identity("loopback", frozenset(Role))
"""The caller of a server without TLS, which listens on loopback only."""

_SEGMENT = r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})"
_TERMINAL = re.compile(f"/shop/{_SEGMENT}/terminal/{_SEGMENT}")
_NAMED = re.compile(f"/(gateway|analyst)/{_SEGMENT}")

# gRPC offers no older TLS, and of 1.2 only ciphers with forward secrecy and AEAD. Should that
# ever change, a connection that is neither of these is refused; gRPC tells from 1.84 on.
_TLS_VERSIONS = frozenset({b"TLSv1.2", b"TLSv1.3"})


class Authenticated(Protocol):
    """The part of a call's context that tells who authenticated."""

    def auth_context(self) -> Mapping[str, Iterable[bytes]]:
        """Return the connection's properties; empty without TLS."""


class Identities:
    """Tells identities apart.

    Each call asks the connection anew (7 µs): an answer kept by peer address would outlive the
    connection, and the next client from that port would inherit it. Revocation lists are not in
    gRPC's Python API: short-lived certificates take their place.
    """

    def __init__(self, trust_domain: str) -> None:
        """Take the trust domain of the clients' ids; empty: there is no TLS."""
        self._prefix = f"spiffe://{trust_domain}"
        self._tls = bool(trust_domain)

    def of(self, context: Authenticated) -> Identity:
        """Return the caller's identity. Raises UnauthenticatedError."""
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
        return Identity(f"{role}/{name}", frozenset({Role(role)}))
    raise UnauthenticatedError(
        "the client certificate names neither a shop's terminal, nor a gateway, nor an analyst"
    )
