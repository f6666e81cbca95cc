"""Who is signed in: a sealed cookie, and in this process what must not leave it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from sekisho.console.options import ConsoleOptions
from sekisho.console.session import Session
from sekisho.console.sign_in.once import Once
from sekisho.console.sign_in.sealing import Sealing
from sekisho.tokens import IssuerUnavailableError, TokenError, Tokens

TOKEN_SECONDS: Final = 900.0
"""How long a local token holds; each request of a browser gets one anew."""
_RENEW_SECONDS: Final = 60.0
"""An issuer's token is renewed so long before it ends."""
_MOST_HELD: Final = 10_000
_PURPOSE: Final = "session"


@dataclass(frozen=True, slots=True)
class IssuerToken:
    """What an issuer gave: the ID token, whom it names, until when, and what renews it."""

    token: str = field(repr=False)
    name: str
    until: float
    refresh: str = field(repr=False, default="")


Renew = Callable[[str], Awaitable[IssuerToken]]
"""Renews by a refresh token. Raises TokenError, and IssuerUnavailableError."""


class Sessions:
    """Begins sessions, finds them again by their cookie, and ends them.

    A local session is all in its cookie, and outlives the console's process; its token is made
    for each request. An issuer's tokens are too large for a cookie and stay here: after a restart
    the browser is sent to the issuer, who mostly lets it pass without a word.
    """

    def __init__(
        self, options: ConsoleOptions, clock: Callable[[], float], renew: Renew | None = None
    ) -> None:
        """Take a clock of Unix seconds, and what renews an issuer's tokens."""
        self._sealing = Sealing(options.cookie_key)
        self._tokens = None if options.oidc else Tokens(options.token_keys)
        self._seconds = options.session_seconds
        self._clock = clock
        self._renew = renew
        self._held: dict[str, IssuerToken] = {}
        self._renewing: dict[str, asyncio.Task[IssuerToken]] = {}
        self._ended = Once()

    def begin(self, name: str, issued: IssuerToken | None = None) -> str:
        """Return the cookie of a new session of the analyst of this name."""
        id_ = secrets.token_urlsafe(16)
        if issued is not None:
            if len(self._held) >= _MOST_HELD:
                del self._held[next(iter(self._held))]
            self._held[id_] = issued
        return self._sealing.seal(
            _PURPOSE,
            {
                "id": id_,
                "name": name,
                "csrf": secrets.token_urlsafe(24),
                "until": self._clock() + self._seconds,
            },
        )

    async def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None where there is none, or it has ended.

        Raises IssuerUnavailableError where its token has ended and the issuer is away.
        """
        said = self._sealing.open(_PURPOSE, cookie)
        now = self._clock()
        if said is None or said["until"] <= now or self._ended.used(said["id"]):
            return None
        name = said["name"]
        if self._tokens is not None:
            seconds = min(TOKEN_SECONDS, said["until"] - now)
            token = self._tokens.issue("analyst", name, now, seconds)
        else:
            issued = await self._current(said["id"])
            if issued is None or issued.name != name:
                return None
            token = issued.token
        return Session(f"analyst/{name}", token, said["csrf"])

    def end(self, cookie: str) -> None:
        """End a session: its cookie counts no more, wherever a copy of it is."""
        said = self._sealing.open(_PURPOSE, cookie)
        if said is not None:
            self._held.pop(said["id"], None)
            self._ended.use(said["id"], said["until"], self._clock())

    async def _current(self, id_: str) -> IssuerToken | None:
        issued = self._held.get(id_)
        if issued is None or issued.until - self._clock() > _RENEW_SECONDS:
            return issued
        ended = issued.until <= self._clock()
        if issued.refresh and self._renew is not None:
            try:
                return await self._renewed(id_, issued, self._renew)
            except TokenError:
                # The issuer has ended it: what is left of the token is the last.
                self._held[id_] = IssuerToken(issued.token, issued.name, issued.until)
            except IssuerUnavailableError:
                if ended:
                    raise
        if ended:
            self._held.pop(id_, None)
        return None if ended else issued

    async def _renewed(self, id_: str, issued: IssuerToken, renew: Renew) -> IssuerToken:
        """Renew once for all requests that wait: many issuers take a refresh token only once."""
        task = self._renewing.get(id_)
        if task is None:
            task = asyncio.ensure_future(renew(issued.refresh))
            self._renewing[id_] = task
            task.add_done_callback(lambda done: self._keep(id_, done))
        return await asyncio.shield(task)

    def _keep(self, id_: str, done: "asyncio.Future[IssuerToken]") -> None:
        self._renewing.pop(id_, None)
        # Who signed out meanwhile stays signed out.
        if not done.cancelled() and done.exception() is None and id_ in self._held:
            self._held[id_] = done.result()
