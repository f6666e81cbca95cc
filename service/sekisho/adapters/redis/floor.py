"""From which moment on the cache must have followed the ledger to count as fresh.

A server that was just connected to may be another one, or the same one without its latest writes;
and a try of ours that failed may be missing there. What the ledger held at that moment brings
both back. Floors are of `time.monotonic`, which nobody turns: that a clock was wrong is one of
the reasons why a try was not counted.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable
from typing import Final

from sekisho.adapters.redis.keys import TAGS

SETTLE_SECONDS: Final = 0.05
"""A try that was counted, or lost, just before has its decision in the ledger by then."""
_NEVER_MS: Final = 1 << 48
"""No coverage mark tells of so late a moment."""


def now_ms() -> int:
    """Return the moment as Unix ms."""
    return time.time_ns() // 1_000_000


def _nobody() -> None:
    """Tell nobody."""


class Floors:
    """Makes floors, and tells `passed` once the latest of them is in the past.

    A floor is reached where this process itself has followed the ledger from there on, and the
    server's mark says so too: that one may be another server's, or made by another clock.
    """

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self._clock = clock
        self._followed = [0.0] * len(TAGS)
        self._least_followed = 0.0
        self._latest = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.passed: Callable[[], None] = _nobody

    def rise(self) -> float:
        """Return the floor of something that happened at this moment."""
        self._latest = time.monotonic() + SETTLE_SECONDS
        if self._timer is None:
            self._wait(SETTLE_SECONDS)
        return self._latest

    def followed(self, tags: Iterable[int], to: float) -> None:
        """All that the ledger held at a moment (`time.monotonic`) is in these tags of the cache."""
        for tag in tags:
            # What was read ahead may be written after what was read later.
            self._followed[tag] = max(self._followed[tag], to)
        self._least_followed = min(self._followed)

    def since(self, floor: float, tag: int | None = None) -> int:
        """Return to where a tag's mark must tell that the ledger was followed, in Unix ms by the
        clock as it is now; without a tag, where each tag's must."""
        followed = self._least_followed if tag is None else self._followed[tag]
        if followed < floor:
            return _NEVER_MS
        # A mark's moment is cut to whole ms, and so is the clock here.
        return self._clock() - math.ceil((time.monotonic() - floor) * 1000) - 1

    def close(self) -> None:
        """Tell nothing more."""
        self.passed = _nobody
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds + 0.001, self._look)

    def _look(self) -> None:
        # In a long outage it rises with every try; nobody is told before the end.
        left = self._latest - time.monotonic()
        if left > 0:
            self._wait(left)
        else:
            self._timer = None
            self.passed()
