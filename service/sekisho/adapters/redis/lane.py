"""A connection that is opened when it is needed, and again when it was lost."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from sekisho.adapters.redis.wire import Wire

_OPEN_SECONDS: Final = 2.0


class Opener(Protocol):
    """Whatever finds a server and opens a connection to it."""

    async def open(self) -> Wire:
        """Open a connection and sign in. Raises OSError."""


class Lane:
    """At most one connection to a server."""

    def __init__(self, opener: Opener, opened: Callable[[], None]) -> None:
        """`opened` is told of each connection: another one may lead to another server."""
        self._opener = opener
        self._opened = opened
        self._opening: asyncio.Task[Wire] | None = None
        self._wire: Wire | None = None
        self._retired = False

    @property
    def open(self) -> bool:
        """Whether a connection is open."""
        return self._wire is not None and not self._wire.lost

    async def wire(self, timeout: float) -> Wire:
        """Return the open connection. All who wait share one attempt to open it.

        Raises OSError, and TimeoutError after `timeout` seconds.
        """
        if self._wire is not None and not self._wire.lost:
            return self._wire
        if self._retired:
            raise ConnectionError("retired")
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._ended)
        async with asyncio.timeout(timeout):
            return await asyncio.shield(self._opening)

    def drop(self) -> None:
        """Close the connection, if one is open; the next call opens another."""
        if self._wire is not None:
            self._wire.abort()

    def retire(self) -> None:
        """Close for good as soon as nothing is being opened."""
        self._retired = True
        self.drop()

    async def close(self) -> None:
        """Close for good at once, at the end of everything."""
        self.retire()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)

    async def _open(self) -> Wire:
        async with asyncio.timeout(_OPEN_SECONDS):
            wire = await self._opener.open()
        if self._retired:
            wire.abort()
            raise ConnectionError("retired")
        self._wire = wire
        self._opened()
        return wire

    def _ended(self, task: asyncio.Task[Wire]) -> None:
        self._opening = None
        if not task.cancelled():
            # Everyone who waited may have given up meanwhile.
            task.exception()
