"""Reads the next batch of the ledger while the one before it is written."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from sekisho.application.ports.cache import Positions

T = TypeVar("T")


class ReadAhead(Generic[T]):
    """At most one batch, read at one place before somebody asks for it."""

    def __init__(self, read: Callable[[Positions], Coroutine[Any, Any, T]]) -> None:
        self._read = read
        self._at = Positions()
        self._reading: asyncio.Task[T] | None = None

    async def begin(self, at: Positions) -> asyncio.Task[T]:
        """Begin to read at this place, unless that is under way; what was read elsewhere is
        dropped."""
        if self._reading is None or self._at != at:
            await self.drop()
            self._at, self._reading = at, asyncio.create_task(self._read(at))
        return self._reading

    async def take(self, at: Positions) -> T:
        """Return what was read at this place. Raises what reading raises."""
        reading = await self.begin(at)
        self._reading = None
        return await reading

    async def drop(self) -> None:
        """Forget what is being read, and wait until it has ended."""
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
