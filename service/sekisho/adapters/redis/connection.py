"""The connection to Redis or Valkey, its errors in the domain's words."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import hiredis
import structlog

from sekisho.adapters.breaker import Breaker
from sekisho.adapters.redis.endpoint import endpoint
from sekisho.adapters.redis.lane import Lane, check
from sekisho.adapters.redis.scripts import Script
from sekisho.adapters.redis.wire import Reply, Wire
from sekisho.domain.errors import CacheUnavailableError

_log = structlog.get_logger(__name__)
_FAIR_SECONDS: Final = 0.025
"""A call that was given less time than this and got no answer says nothing of the server."""

Call = tuple[Script, Sequence[bytes], Sequence[bytes | str | int]]


class Connection:
    """Calls scripts.

    Assessments have a connection of their own: their calls never wait behind the projector's.
    After a few failures they fail at once for a moment; then one of them tries.
    """

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        """Take the URL (`redis://`, `rediss://`, `unix://`); nothing is connected yet.

        Raises ValueError, and OSError where the file cannot be read.
        """
        there = endpoint(url, ca_file)
        self._quick = Lane(there)
        self._bulk = Lane(there)
        self._breaker = Breaker()

    @property
    def opened(self) -> int:
        """How often the assessments' connection was opened: each time may be another server."""
        return self._quick.opened

    async def info(self, timeout: float) -> tuple[int, dict[str, str]]:
        """Return what the server that assessments ask says of itself, and `opened` at the time.

        Raises CacheUnavailableError.
        """
        try:
            wire = await self._quick.wire(timeout)
            opened = self._quick.opened
            answer = check(wire, await wire.call((b"INFO",), timeout))
        except OSError as error:
            raise _away(error) from None
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else ""
        return opened, dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    async def call(self, call: Call, timeout: float) -> Reply:
        """Call a script for an assessment. Raises CacheUnavailableError within `timeout` s."""
        if not self._breaker.admit():
            raise CacheUnavailableError("the cache is away")
        began = time.monotonic()
        try:
            wire = await self._quick.wire(timeout)
            answer = await _evaluate(wire, call, timeout - (time.monotonic() - began))
        except OSError as error:
            if not isinstance(error, TimeoutError) or timeout >= _FAIR_SECONDS:
                self._failed(error)
            raise _away(error) from None
        if self._breaker.succeeded():
            _log.info("cache.back")
        return answer

    async def calls(self, *stages: Sequence[Call], timeout: float) -> list[Reply]:
        """Call scripts in stages over one connection; return the last stage's answers.

        A stage begins when every call of the one before it has succeeded. `timeout` seconds are
        for each stage. Raises CacheUnavailableError.
        """
        answers: list[Reply] = []
        try:
            wire = await self._bulk.wire(timeout)
            for stage in stages:
                answers = await wire.calls([_by_sha(call) for call in stage], timeout)
                for place, answer in enumerate(answers):
                    answers[place] = await _settled(wire, stage[place], answer, timeout)
        except OSError as error:
            raise _away(error) from None
        return answers

    async def command(self, *words: bytes | str | int, timeout: float) -> Reply:
        """Send one command. Raises CacheUnavailableError."""
        try:
            wire = await self._bulk.wire(timeout)
            return check(wire, await wire.call(words, timeout))
        except OSError as error:
            raise _away(error) from None

    def drop(self) -> None:
        """Close the assessments' connection: what is on it can no longer be trusted."""
        self._quick.drop()

    async def close(self) -> None:
        """Close for good."""
        await self._quick.close()
        await self._bulk.close()

    def _failed(self, error: OSError) -> None:
        if self._breaker.failed():
            _log.warning("cache.away", error=_kind(error))


async def _evaluate(wire: Wire, call: Call, timeout: float) -> Reply:
    return await _settled(wire, call, await wire.call(_by_sha(call), timeout), timeout)


async def _settled(wire: Wire, call: Call, answer: Reply, timeout: float) -> Reply:
    """Return the answer. A server that does not know the script is given its text."""
    if isinstance(answer, hiredis.ReplyError) and str(answer).startswith("NOSCRIPT"):
        script, keys, arguments = call
        answer = await wire.call((b"EVAL", script.text, len(keys), *keys, *arguments), timeout)
    return check(wire, answer)


def _by_sha(call: Call) -> tuple[bytes | str | int, ...]:
    script, keys, arguments = call
    return (b"EVALSHA", script.sha, len(keys), *keys, *arguments)


def _away(error: OSError) -> CacheUnavailableError:
    return CacheUnavailableError(f"the cache is away: {_kind(error)}")


def _kind(error: OSError) -> str:
    """Name what happened: Redis' own word for it where it sent one."""
    return str(error) if type(error) is ConnectionError else type(error).__name__
