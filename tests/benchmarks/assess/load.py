"""What one process of terminals does, and what came of it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

OK = "ok"
REFUSED = ("RESOURCE_EXHAUSTED", "CANCELLED", "UNAVAILABLE")
"""The service has too much to do. CANCELLED: gRPC says so, which keeps only so many waiting."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`together` calls at a time over `connections`, for `seconds`.

    `bodies` different ones of `seed` are made beforehand; when they are used up it is over.
    `web`: JSON by HTTP/1.1, to the service that somebody else would build.
    """

    port: int
    together: int
    connections: int
    seconds: float
    seed: int
    bodies: int
    web: bool = False


@dataclass(slots=True)
class Outcome:
    """Answers by status; the seconds that each good one took, and each other; those that all of it
    took, and those of CPU."""

    statuses: dict[str, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


class Load:
    """What the connections of a process share: the bodies left, and when it ends."""

    again = True
    """Whether another call follows each that ends."""

    def __init__(self, bodies: Iterator[bytes], seconds: float) -> None:
        """Begin now."""
        self._bodies = bodies
        self._began = time.perf_counter()
        self._seconds = seconds
        self._open = 0
        self.outcome = Outcome()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self) -> tuple[float, bytes] | None:
        """Return the moment and the body of a call that begins, None at the end."""
        now = time.perf_counter()
        body = next(self._bodies, None) if now - self._began < self._seconds else None
        if body is None:
            return None
        self._open += 1
        return now, body

    def came(self, status: str, began: float) -> None:
        """Take the answer to a call that began then."""
        now = time.perf_counter()
        self._open -= 1
        statuses = self.outcome.statuses
        statuses[status] = statuses.get(status, 0) + 1
        (self.outcome.took if status == OK else self.outcome.refused).append(now - began)

    def look(self) -> None:
        """End where nothing is under way any more."""
        if self.outcome.statuses and not self._open and not self.ended.done():
            self.outcome.seconds = time.perf_counter() - self._began
            self.ended.set_result(None)

    def broke(self, error: Exception | None) -> None:
        """Fail: no server closes before the end."""
        if not self.ended.done():
            self.ended.set_exception(error or ConnectionError("the server closed"))
