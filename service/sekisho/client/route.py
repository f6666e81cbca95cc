"""The way of one call through the addresses: which one next, when, and for how long."""

import asyncio
import math
import time
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

from sekisho.client.endpoints import Endpoint, Endpoints
from sekisho.client.failures import Failure

_SHORTEST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0
_SPREAD: Final = 0.2
"""How much later than asked a terminal may come back, so that not all do at once."""
_random: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Attempt:
    """Whom to ask, and for how many seconds."""

    endpoint: Endpoint
    seconds: float
    wait_for_ready: bool
    """Wait for a connection, because there is nobody else to ask meanwhile."""
    begun_at: float
    """By the monotonic clock."""


class Route:
    """Attempts within one deadline.

    Each address not asked yet keeps its part of the time, so that one that stalls cannot use it
    all up. An address that failed rests: as long as its service asked, or a while that grows.
    """

    def __init__(self, endpoints: Endpoints, seconds: float | None) -> None:
        """Begin a call that may take so many seconds (None: any time)."""
        self._endpoints = endpoints
        self._order = endpoints.in_order()
        self._end = math.inf if seconds is None else time.monotonic() + seconds
        self._rests_until: dict[Endpoint, float] = {}
        self._pause = _SHORTEST_PAUSE

    @property
    def left(self) -> float:
        """Seconds left, infinite where the call may take any time."""
        return self._end - time.monotonic()

    async def next(self) -> Attempt | None:
        """Wait until an address may be asked, and return it; None where no time is left for it."""
        endpoint = min(self._order, key=lambda each: self._rests_until.get(each, 0.0))
        pause = self._rests_until.get(endpoint, 0.0) - time.monotonic()
        if pause >= self.left:
            return None
        if pause > 0:
            await asyncio.sleep(pause)
        if self.left <= 0 or not self._endpoints.open:
            return None
        unasked = len(self._order) - len(self._rests_until)
        return Attempt(
            endpoint,
            seconds=self.left / max(1, unasked),
            wait_for_ready=len(self._order) == 1,
            begun_at=time.monotonic(),
        )

    def failed(self, attempt: Attempt, failure: Failure) -> None:
        """Let an address rest; where it was silent to every call meanwhile, connect anew."""
        endpoint = attempt.endpoint
        now = time.monotonic()
        if failure.reason:
            endpoint.heard_at = now
        if failure.silent and endpoint.heard_at < attempt.begun_at and self._endpoints.open:
            endpoint.renew()
        if failure.retry_after is None:
            pause = _random.uniform(self._pause / 2, self._pause)
            self._pause = min(_LONGEST_PAUSE, self._pause * 2)
        else:
            pause = failure.retry_after * _random.uniform(1, 1 + _SPREAD)
        self._rests_until[endpoint] = now + pause

    def answered(self, attempt: Attempt) -> None:
        """Note who answered, and begin anew with the pauses."""
        self._pause = _SHORTEST_PAUSE
        self._endpoints.answered(attempt.endpoint)
