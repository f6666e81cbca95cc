"""Analysts by their token: `authorization: Bearer …` in a call's metadata."""

import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from sekisho.domain.errors import UnavailableError
from sekisho.domain.identity import Identity, Role
from sekisho.rpc.errors import UnauthenticatedError
from sekisho.tokens import IssuerUnavailableError, TokenError, Tokens

_KEY: Final = "authorization"
_SCHEME: Final = "bearer "
_MOST_KNOWN: Final = 1024
_ANALYST: Final = frozenset({Role.ANALYST})


class Carrying(Protocol):
    """The part of a call's context that carries its metadata."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """Return the metadata that the caller sent, its keys in lower case."""


class Named(Protocol):
    """Whom an issuer's token names, and until when, in Unix seconds."""

    @property
    def name(self) -> str:
        """The analyst's name."""

    @property
    def until(self) -> float:
        """When it ends."""


class IdTokens(Protocol):
    """What reads an issuer's tokens: see sekisho.oidc, which a server without one does not load."""

    async def read(self, token: str, now: float, /) -> Named:
        """Return whom a token names. Raises TokenError and IssuerUnavailableError."""


def token_of(context: Carrying) -> str | None:
    """Return the token that a call carries; None without one.

    Raises UnauthenticatedError for two, and for what is no bearer token: whoever sends one means
    to be somebody.
    """
    found: str | bytes | None = None
    for key, value in context.invocation_metadata() or ():
        if key == _KEY:
            if found is not None:
                raise UnauthenticatedError("the call carries two tokens")
            found = value
    if found is None:
        return None
    if isinstance(found, bytes) or found[: len(_SCHEME)].lower() != _SCHEME:
        raise UnauthenticatedError("expected authorization: Bearer TOKEN")
    return found[len(_SCHEME) :]


class Bearers:
    """Tells analysts by their tokens: those of this installation, or those of an issuer.

    An issuer's token is verified once and then known until it ends: a page makes many calls.
    """

    def __init__(
        self,
        tokens: Tokens | None = None,
        id_tokens: IdTokens | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what reads each kind; without one, tokens of its kind do not count. `clock` gives
        Unix seconds."""
        self._tokens = tokens
        self._id_tokens = id_tokens
        self._clock = clock
        self._known: dict[str, tuple[Identity, float]] = {}

    async def of(self, token: str) -> Identity:
        """Return whom a token names.

        Raises UnauthenticatedError where it does not count, UnavailableError where the issuer's
        keys cannot be had.
        """
        now = self._clock()
        known = self._known.get(token)
        if known is not None:
            if now < known[1]:
                return known[0]
            del self._known[token]
        try:
            if self._tokens is not None:
                return _named(self._tokens.read("analyst", token, now).name)
            if self._id_tokens is not None:
                read = await self._id_tokens.read(token, now)
                return self._keep(token, _named(read.name), read.until)
        except TokenError as error:
            raise UnauthenticatedError(f"the token does not count: {error}") from None
        except IssuerUnavailableError as error:
            raise UnavailableError(f"the token cannot be verified: {error}") from None
        raise UnauthenticatedError("this server takes no tokens")

    def _keep(self, token: str, identity: Identity, until: float) -> Identity:
        if len(self._known) >= _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[token] = (identity, until)
        return identity


def _named(name: str) -> Identity:
    return Identity(f"analyst/{name}", _ANALYST)
