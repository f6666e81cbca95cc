"""What an issuer tells of itself: where it signs people in, and the keys that it signs with."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from sekisho.tokens import IssuerUnavailableError

FETCH_SECONDS: Final = 5.0
"""The most that one look at the issuer takes."""
_FRESH_SECONDS: Final = 600.0
"""After it the keys are looked at anew, while those that are there go on counting."""
_LONGEST_SECONDS: Final = 24 * 3600.0
"""After it they count no more: an issuer that revoked a key may be out of reach on purpose."""
_PAUSE_SECONDS: Final = 10.0
"""Between two looks: a flood of forged tokens must not become one at the issuer."""
_MOST_BYTES: Final = 1 << 20
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Issuer:
    """One issuer. Its keys are fetched when they are first needed, and one look serves all."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take its URL as tokens name it, and a clock of seconds."""
        self.url = url
        self._clock = clock
        self._metadata: Mapping[str, str] | None = None
        self._keys: tuple[Key, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._look: asyncio.Task[None] | None = None

    async def metadata(self) -> Mapping[str, str]:
        """Return its endpoints by name. Raises IssuerUnavailableError."""
        if self._metadata is None:
            await self._refreshed()
        if self._metadata is None:
            raise IssuerUnavailableError("the issuer tells nothing of itself")
        return self._metadata

    async def key(self, kid: str | None, kind: str) -> Key | None:
        """Return the key that a token names, of this kind (RSA, EC, OKP), or None.

        An unknown one is looked up at the issuer, where the last look is not too recent.
        Raises IssuerUnavailableError where no key is known at all.
        """
        found = self._known(kid, kind)
        if found is None:
            await self._refreshed()
            if not self._keys:
                raise IssuerUnavailableError("the issuer's keys are not known")
            return self._known(kid, kind)
        if self._age() > _FRESH_SECONDS and self._may_look():
            self._begin_look()
        return found

    def _known(self, kid: str | None, kind: str) -> Key | None:
        if self._age() > _LONGEST_SECONDS:
            self._keys = ()
        fit = [
            key
            for key in self._keys
            if key.key_type == kind and (kid is None or key.get("kid") == kid)
        ]
        # Without a name only where there is no choice.
        return fit[0] if len(fit) == 1 else None

    def _age(self) -> float:
        return 0.0 if self._fetched_at is None else self._clock() - self._fetched_at

    def _may_look(self) -> bool:
        return self._tried_at is None or self._clock() - self._tried_at >= _PAUSE_SECONDS

    async def _refreshed(self) -> None:
        """Look at the issuer, or wait for the look that is under way."""
        if self._look is None and self._may_look():
            self._begin_look()
        if self._look is not None:
            # One caller's end is not that of the others.
            await asyncio.shield(self._look)

    def _begin_look(self) -> None:
        if self._look is None:
            self._tried_at = self._clock()
            self._look = asyncio.create_task(self._fetch())
            self._look.add_done_callback(self._looked)

    def _looked(self, look: asyncio.Task[None]) -> None:
        self._look = None
        if not look.cancelled():
            # Whoever waited was told; the others go on with what is known.
            look.exception()

    async def _fetch(self) -> None:
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                httpx.AsyncClient(timeout=FETCH_SECONDS) as client,
            ):
                url = f"{self.url.rstrip('/')}/.well-known/openid-configuration"
                metadata = await _json(client, url)
                if metadata.get("issuer") != self.url:
                    raise IssuerUnavailableError("the issuer calls itself by another name")
                endpoints = {name: str(metadata.get(name, "")) for name in _ENDPOINTS}
                if not all(_trustworthy(url, self.url) for url in endpoints.values()):
                    raise IssuerUnavailableError("an endpoint of the issuer is missing or no https")
                written: Any = await _json(client, endpoints["jwks_uri"])
                keys = KeySet.import_key_set(written).keys
        except (TimeoutError, httpx.HTTPError, ValueError, TypeError, KeyError, JoseError) as error:
            raise IssuerUnavailableError(f"no good answer: {type(error).__name__}") from None
        self._metadata = endpoints
        # A shared secret among them could be used by anyone who read it.
        self._keys = tuple(
            key for key in keys if key.key_type != "oct" and key.get("use", "sig") == "sig"
        )
        self._fetched_at = self._clock()


def _trustworthy(url: str, issuer: str) -> bool:
    return url.startswith("https://") or (
        issuer.startswith("http://") and url.startswith("http://")
    )


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    body = bytearray()
    async with client.stream("GET", url, headers={"accept": "application/json"}) as response:
        response.raise_for_status()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > _MOST_BYTES:
                raise ValueError("too long")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found
