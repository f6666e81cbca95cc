"""Spares callers the wait for a server that does not answer."""

import random
import time
from collections.abc import Callable
from typing import Final

_THRESHOLD: Final = 3
_FIRST_SECONDS: Final = 0.1
_LONGEST_SECONDS: Final = 1.0


class Breaker:
    """Opens after a few failures in a row; then lets one call at a time try.

    Pauses double up to a second, and are jittered so that workers do not come back all at once.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, threshold: int = _THRESHOLD
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._failures = 0
        self._until = 0.0

    def admit(self) -> bool:
        """Return whether to call. While it is open, whoever is admitted holds the others off."""
        if self._failures < self._threshold:
            return True
        if self._clock() < self._until:
            return False
        self._pause()
        return True

    def succeeded(self) -> bool:
        """Note an answer; return whether it ends an outage."""
        was_open = self._failures >= self._threshold
        self._failures = 0
        return was_open

    def failed(self) -> bool:
        """Note that the server failed; return whether an outage begins with it."""
        self._failures += 1
        if self._failures < self._threshold:
            return False
        self._pause()
        return self._failures == self._threshold

    def _pause(self) -> None:
        doubled = _FIRST_SECONDS * 2.0 ** min(self._failures - self._threshold, 8)
        pause = min(_LONGEST_SECONDS, doubled)
        self._until = self._clock() + pause * random.uniform(0.5, 1.0)  # noqa: S311
