"""A connection that is opened when it is needed, and again when it was lost."""

import asyncio
from typing import Final

import hiredis

from sekisho.adapters.redis.endpoint import Endpoint
from sekisho.adapters.redis.wire import Reply, Wire

_OPEN_SECONDS: Final = 2.0
_WRONG_SERVER: Final = frozenset({"LOADING", "MASTERDOWN", "READONLY"})


class Lane:
    """At most one connection to a server."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._opening: asyncio.Task[Wire] | None = None
        self._wire: Wire | None = None
        self.opened = 0
        """How often a connection was opened: another one may lead to another server."""

    async def wire(self, timeout: float) -> Wire:
        """Return the open connection. All who wait share one attempt to open it.

        Raises OSError, and TimeoutError after `timeout` seconds.
        """
        if self._wire is not None and not self._wire.lost:
            return self._wire
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._opened)
        async with asyncio.timeout(timeout):
            return await asyncio.shield(self._opening)

    def drop(self) -> None:
        """Close the connection, if one is open; the next call opens another."""
        if self._wire is not None:
            self._wire.abort()

    async def close(self) -> None:
        """Close for good."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        self.drop()

    async def _open(self) -> Wire:
        async with asyncio.timeout(_OPEN_SECONDS):
            wire = await self._endpoint.open()
            try:
                # Operators see the name; a user who may not give one may connect all the same.
                hello = (*self._endpoint.greetings(), ("CLIENT", "SETNAME", "sekisho"))
                *granted, _ = await wire.calls(hello, _OPEN_SECONDS)
                for answer in granted:
                    check(wire, answer)
            except BaseException:
                wire.abort()
                raise
        self._wire = wire
        self.opened += 1
        return wire

    def _opened(self, task: asyncio.Task[Wire]) -> None:
        self._opening = None
        if not task.cancelled():
            # Everyone who waited may have given up meanwhile.
            task.exception()


def check(wire: Wire, answer: Reply) -> Reply:
    """Return the answer; one that is an error is raised as ConnectionError.

    Its text is the error's first word: the rest may quote what was sent. A server that is not
    the one to ask (no longer the primary, not yet loaded) is left, so that the address is
    looked up again.
    """
    if isinstance(answer, hiredis.ReplyError):
        word = str(answer).split(" ", 1)[0]
        if word in _WRONG_SERVER:
            wire.abort()
        raise ConnectionError(word)
    return answer
