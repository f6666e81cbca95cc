"""When a call that was let in may begin: not while gRPC has more calls to hand over.

gRPC hands a call over every few rounds of the event loop. Were every call to begin at once, rounds
would grow long, and calls would pile up inside gRPC, where nobody sees how many there are, whose
they are, and how late they have become. So what has come begins once nothing more comes, and the
queue is here, where it can be refused.
"""

import asyncio
import time
from collections import deque
from typing import Final

QUIET_ROUNDS: Final = 20
"""Rounds of the event loop without an arrival after which gRPC has hardly more to hand over.

From one call to the next it takes five, and a thread of gRPC's that a busy machine keeps waiting.
A round with nothing to do costs a microsecond.
"""

MOST_ARRIVALS: Final = 8
"""Arrivals after which one call begins all the same: refusing must not keep all work waiting."""

MOST_WAIT_SECONDS: Final = 0.2
"""A wait for a turn that is too long: the machine is slower than its places."""

FEW: Final = 8
"""So many calls in work need no turns, and may wait as long as they must: it is not they who keep
the machine busy."""


class Turns:
    """Lets calls begin one by one, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._rounds = 0
        self._arrivals = 0

    def arrived(self) -> None:
        """Say that a call has come, whatever becomes of it."""
        self._rounds = 0
        self._arrivals += 1

    @property
    def late(self) -> bool:
        """Whether calls wait too long for their turn."""
        if len(self._waiting) < FEW:
            return False
        since, _ = self._waiting[0]
        return time.monotonic() - since > MOST_WAIT_SECONDS

    async def wait(self) -> None:
        """Wait for this call's turn."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append((time.monotonic(), turn))
        if len(self._waiting) == 1:
            loop.call_soon(self._round, loop)
        await turn

    def _round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._rounds += 1
        if self._rounds >= QUIET_ROUNDS or self._arrivals >= MOST_ARRIVALS:
            self._begin()
        if self._waiting:
            loop.call_soon(self._round, loop)

    def _begin(self) -> None:
        self._rounds = self._arrivals = 0
        while self._waiting:
            _, turn = self._waiting.popleft()
            # The others were cancelled while they waited.
            if not turn.done():
                turn.set_result(None)
                return
