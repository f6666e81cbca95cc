"""When calls that were let in begin: together, and not while gRPC has more of them to hand over.

gRPC hands a call over every few rounds of the event loop. Were every call to begin at once, rounds
would grow long, and calls would pile up inside gRPC, where nobody sees how many there are, whose
they are, and how late they have become. So what has come begins once nothing more comes, and the
queue is here, where it can be refused. That they begin together lets them go abreast, which is
cheaper (application/abreast.py).
"""

import asyncio
import time
from collections import deque
from typing import Final

from sekisho.application.abreast import together

QUIET_ROUNDS: Final = 20
"""Rounds of the event loop without an arrival after which gRPC has hardly more to hand over.

From one call to the next it takes five, and a thread of gRPC's that a busy machine keeps waiting.
A round with nothing to do costs a microsecond.
"""

FEW: Final = 2
"""So many calls in work need no turns: to wait for each other would cost them more than it spares.
"""

ENOUGH: Final = 8
"""So many calls that wait, or half of those in work, begin without waiting for more. And so many
may wait as long as they must: it is not they who keep the machine busy."""

LINGER_SECONDS: Final = 0.001
"""How long fewer wait for others."""

MOST_LINGER_SECONDS: Final = 0.02
"""Waited for so long, calls begin however many still come: refusing must not keep all work
waiting."""

MOST_WAIT_SECONDS: Final = 0.2
"""A wait for a turn that is too long: the machine is slower than its places."""


class Turns:
    """Lets calls begin together, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._lingering: asyncio.TimerHandle | None = None
        self._rounds = 0

    def arrived(self) -> None:
        """Say that a call has come, whatever becomes of it."""
        self._rounds = 0

    @property
    def late(self) -> bool:
        """Whether calls wait too long for their turn."""
        return len(self._waiting) >= ENOUGH and self._waited > MOST_WAIT_SECONDS

    async def wait(self, in_work: int) -> None:
        """Wait for this call's turn; `in_work` calls were let in and have not ended."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append((time.monotonic(), turn))
        if len(self._waiting) == 1:
            self._lingering = loop.call_later(LINGER_SECONDS, self._round, loop)
        if self._lingering is not None and len(self._waiting) >= min(ENOUGH, in_work // 2):
            self._lingering.cancel()
            self._round(loop)
        await turn
        together()

    @property
    def _waited(self) -> float:
        since, _ = self._waiting[0]
        return time.monotonic() - since

    def _round(self, loop: asyncio.AbstractEventLoop) -> None:
        self._lingering = None
        self._rounds += 1
        if self._rounds >= QUIET_ROUNDS or self._waited > MOST_LINGER_SECONDS:
            self._begin()
        else:
            loop.call_soon(self._round, loop)

    def _begin(self) -> None:
        self._rounds = 0
        while self._waiting:
            _, turn = self._waiting.popleft()
            # The others were cancelled while they waited.
            if not turn.done():
                turn.set_result(None)
