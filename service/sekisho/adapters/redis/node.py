"""One server of the cache."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import hiredis
import structlog

from sekisho.adapters.breaker import Breaker
from sekisho.adapters.redis.calls import Call, away, evaluate, kind
from sekisho.adapters.redis.floor import Floors
from sekisho.adapters.redis.lane import Lane, Opener
from sekisho.adapters.redis.wire import Reply, Wire, Words, check, word_of
from sekisho.domain.errors import CacheUnavailableError

_log = structlog.get_logger(__name__)
_FAIR_SECONDS: Final = 0.025
"""A call that was given less time than this and got no answer says nothing of the server."""
_OF_ONE_TAG: Final = frozenset({"MOVED", "ASK", "TRYAGAIN"})


class Node:
    """A server with its connections.

    Assessments have one of their own: their calls never wait behind the projector's. After a few
    failures they fail at once for a moment; then one of them tries.
    """

    def __init__(self, name: str, opener: Opener, floors: Floors) -> None:
        """Take a name for the log; nothing is connected yet."""
        self.name = name
        self.opened = 0
        """How often the assessments' connection was opened: each time may be another server."""
        self.floor = 0.0
        """What has not followed the ledger to there is behind it; see `Floors`."""
        self._floors = floors
        self._quick = Lane(opener, self._quick_opened)
        self._bulk = Lane(opener, lambda: None)
        self._breaker = Breaker()
        self._bulk_breaker = Breaker(threshold=1)

    @property
    def connected(self) -> bool:
        """Whether the assessments' connection is open."""
        return self._quick.open

    def missed(self) -> None:
        """A try of ours may be missing here: only what the ledger holds by then brings it back."""
        self.floor = self._floors.rise()

    async def ask(
        self, make: Callable[[float], Sequence[Call]], timeout: float, *, asking: bool = False
    ) -> list[Reply]:
        """Call scripts together for assessments; return their answers, which may be errors.

        `make` is given the floor of the connection that the calls will go over. `asking`: the
        server is just taking over what they are about. Raises CacheUnavailableError within
        `timeout` seconds.
        """
        if not self._breaker.admit():
            raise CacheUnavailableError("the cache is away")
        began = time.monotonic()
        try:
            wire = await self._quick.wire(timeout)
            calls = make(self.floor)
            left = timeout - (time.monotonic() - began)
            answers = await evaluate(wire, calls, left, asking=asking)
            if all(map(_tells_of_the_server, answers)):
                check(wire, answers[0])
        except OSError as error:
            if not isinstance(error, TimeoutError) or timeout >= _FAIR_SECONDS:
                self._failed(error)
            raise away(error) from None
        if self._breaker.succeeded():
            self._bulk_breaker.succeeded()
            _log.info("cache.back", server=self.name)
        return answers

    async def info(self, timeout: float) -> tuple[int, dict[str, str]]:
        """Return what the server that assessments ask says of itself, and `opened` at the time.

        Raises CacheUnavailableError.
        """
        try:
            wire = await self._quick.wire(timeout)
            opened = self.opened
            answer = check(wire, await wire.call((b"INFO",), timeout))
        except OSError as error:
            raise away(error) from None
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else ""
        return opened, dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    async def bulk(self, timeout: float) -> Wire:
        """Return the connection of everything that is no assessment. Raises OSError."""
        return await self._bulk.wire(timeout)

    async def command(self, words: Words, timeout: float) -> Reply:
        """Send one command over it. Raises CacheUnavailableError."""
        try:
            wire = await self._bulk.wire(timeout)
            return check(wire, await wire.call(words, timeout))
        except OSError as error:
            raise away(error) from None

    async def steps(self, run: Callable[[Wire], Awaitable[None]], timeout: float) -> None:
        """Run something over it, unless the server was away a moment ago: others shall not wait
        for this one. Raises CacheUnavailableError.
        """
        if not self._bulk_breaker.admit():
            raise CacheUnavailableError("the cache is away")
        try:
            await run(await self._bulk.wire(timeout))
        except OSError as error:
            self._bulk_breaker.failed()
            raise away(error) from None
        self._bulk_breaker.succeeded()

    def leave(self) -> None:
        """Close every connection: the name stands for another server. The next calls open new
        ones."""
        self._quick.drop()
        self._bulk.drop()

    def drop(self) -> None:
        """Close the assessments' connection: what is on it can no longer be trusted."""
        self._quick.drop()

    def retire(self) -> None:
        """Close every connection for good, also one that is being opened."""
        self._quick.retire()
        self._bulk.retire()

    async def close(self) -> None:
        """Close for good."""
        await self._quick.close()
        await self._bulk.close()

    def _quick_opened(self) -> None:
        self.opened += 1
        self.missed()

    def _failed(self, error: OSError) -> None:
        if self._breaker.failed():
            _log.warning("cache.away", server=self.name, error=kind(error))


def _tells_of_the_server(answer: Reply) -> bool:
    return isinstance(answer, hiredis.ReplyError) and word_of(answer) not in _OF_ONE_TAG
