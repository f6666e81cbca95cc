"""A post: the place of one worker, which is never left empty for long."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from sekisho.starting import StartError
from sekisho.supervisor.crashes import LOOP, Crashes
from sekisho.supervisor.worker import Worker

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a worker may take: until it serves, and to end."""

    start_seconds: float
    stop_seconds: float


class Post:
    """Holds one worker at a time; two only while a successor takes over."""

    def __init__(
        self,
        start: Callable[[], Awaitable[Worker]],
        patience: Patience,
        restarted: Callable[[], None],
    ) -> None:
        """Take how to start a worker, and what to tell when one is started in place of another
        that ended by itself."""
        self._start = start
        self._patience = patience
        self._restarted = restarted
        self._worker: Worker | None = None
        self._crashes = Crashes()
        self._lock = asyncio.Lock()
        self._hurry = asyncio.Event()

    @property
    def served(self) -> bool:
        """Whether a worker serves here."""
        return self._worker is not None

    async def fill(self) -> None:
        """Let the first worker serve. Raises StartError."""
        self._worker = await self._serving()

    async def keep(self) -> None:
        """Start another worker wherever one ends by itself, until cancelled."""
        while True:
            worker = self._worker
            if worker is None:
                await self._fill_again()
                continue
            status = await worker.ended()
            if self._worker is worker:
                self._worker = None
                await self._pause(worker.served_seconds, pid=worker.pid, status=status)

    async def replace(self) -> None:
        """Let a successor serve, and only then the worker end. Raises StartError, and keeps it.

        Where a worker is missing, the next try to start one is made at once.
        """
        async with self._lock:
            if self._worker is None:
                self._hurry.set()
                return
            began = time.monotonic()
            successor = await self._serving()
            predecessor, self._worker = self._worker, successor
        served = time.monotonic()
        if predecessor is not None:
            await predecessor.stop(self._patience.stop_seconds)
        _log.info(
            "worker.relieved",
            pid=successor.pid,
            start_seconds=round(served - began, 2),
            drain_seconds=round(time.monotonic() - served, 2),
        )

    async def _fill_again(self) -> None:
        async with self._lock:
            if self._worker is not None:
                return
            self._restarted()
            try:
                self._worker = await self._serving()
            except StartError as error:
                problems = error.problems
            else:
                _log.info("worker.restarted", pid=self._worker.pid)
                return
        await self._pause(0.0, problems=problems)

    async def _serving(self) -> Worker:
        worker = await self._start()
        try:
            await worker.serves(self._patience.start_seconds)
        except StartError:
            await worker.kill()
            raise
        return worker

    async def _pause(self, served_seconds: float, **about: object) -> None:
        seconds = self._crashes.pause(served_seconds)
        in_a_row = self._crashes.in_a_row
        tell = _log.error if in_a_row >= LOOP else _log.warning
        event = "worker.crash_loop" if in_a_row >= LOOP else "worker.ended"
        tell(event, in_a_row=in_a_row, next_try_in_seconds=round(seconds, 2), **about)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()
