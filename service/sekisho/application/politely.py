"""Bulk work that leaves the interpreter to the calls that come meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

A = TypeVar("A")
T = TypeVar("T")

PIECE: Final = 500
"""Things at a time: a few milliseconds' work."""

REST: Final = 6
"""For each second that the event loop was busy meanwhile, bulk work rests so many.

A thread takes half of the interpreter from a loop that is busy: with six, an eighth in the long
run. Where the loop had nothing to do there is no rest.
"""

MOST_REST_SECONDS: Final = 1.0
"""An import that does not stage for a minute is given up: a slow machine must not cause that."""


async def politely(work: Awaitable[T]) -> T:
    """Await a piece of bulk work, of a few milliseconds in another thread; then rest."""
    busy = time.thread_time()
    done = await work
    await asyncio.sleep(min(REST * (time.thread_time() - busy), MOST_REST_SECONDS))
    return done


async def in_pieces(work: Callable[[Sequence[A]], Sequence[T]], of: Sequence[A]) -> list[T]:
    """Return what `work` makes of everything, a piece at a time in another thread, politely."""
    made: list[T] = []
    for start in range(0, len(of), PIECE):
        made += await politely(asyncio.to_thread(work, of[start : start + PIECE]))
    return made
