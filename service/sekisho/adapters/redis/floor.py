"""From which moment on the cache must have followed the ledger to count as fresh.

A server that was just connected to may be another one, or the same one without its latest writes;
and a try of ours that failed may be missing there. What the ledger held at that moment brings
both back.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

SETTLE_MS: Final = 50
"""A try that was counted, or lost, just before has its decision in the ledger by then."""


def now_ms() -> int:
    """Return the moment as Unix ms."""
    return time.time_ns() // 1_000_000


def _nobody() -> None:
    """Tell nobody."""


class Floors:
    """Makes floors, and tells `passed` once the latest of them is in the past."""

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self._clock = clock
        self._latest = 0
        self._timer: asyncio.TimerHandle | None = None
        self.passed: Callable[[], None] = _nobody

    def rise(self) -> int:
        """Return the floor (Unix ms) of something that happened at this moment."""
        self._latest = self._clock() + SETTLE_MS
        if self._timer is None:
            self._wait(SETTLE_MS)
        return self._latest

    def standing(self, floor: int) -> int:
        """Return a floor as it stands; one that a clock which was ahead has made is made anew."""
        return self.rise() if floor > self._clock() + SETTLE_MS else floor

    def close(self) -> None:
        """Tell nothing more."""
        self.passed = _nobody
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, milliseconds: int) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later((milliseconds + 1) / 1000, self._look)

    def _look(self) -> None:
        # In a long outage it rises with every try; nobody is told before the end.
        left = self._latest - self._clock()
        if 0 < left <= SETTLE_MS:
            self._wait(left)
        else:
            self._timer = None
            self.passed()
