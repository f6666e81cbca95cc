"""The crew: all workers of one port, started, mended, relieved and ended together."""

import asyncio
import signal
from collections.abc import Callable, Sequence

import structlog

from sekisho.starting import StartError
from sekisho.supervisor.post import Patience, Post
from sekisho.supervisor.seat import Orders
from sekisho.supervisor.worker import Worker

_log = structlog.get_logger(__name__)


class Crew:
    """Runs `command` as many times as the orders say."""

    def __init__(
        self,
        command: Sequence[str],
        orders: Orders,
        patience: Patience,
        restarted: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what a worker runs, `--seat` excepted. `restarted` is told of each restart."""
        self._command = command
        self._orders = orders
        self._patience = patience
        self._workers: set[Worker] = set()
        self._posts = [Post(self._start, patience, restarted) for _ in range(orders.workers)]

    @property
    def running(self) -> int:
        """How many posts have a worker that serves."""
        return sum(post.served for post in self._posts)

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; `ready` is told once, when all workers serve.

        The first start is all or nothing: raises StartError where one worker cannot. SIGHUP
        relieves the workers one by one.
        """
        stop, relieve = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, relieve.set)
        work = asyncio.create_task(self._work(ready, relieve))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
        finally:
            for task in (work, stopped):
                task.cancel()
            await asyncio.gather(work, stopped, return_exceptions=True)
            await asyncio.gather(
                *(worker.stop(self._patience.stop_seconds) for worker in self._workers)
            )

    async def _work(self, ready: Callable[[], None], relieve: asyncio.Event) -> None:
        await self._fill()
        ready()
        async with asyncio.TaskGroup() as together:
            for post in self._posts:
                together.create_task(post.keep())
            together.create_task(self._relieve_when_told(relieve))

    async def _fill(self) -> None:
        try:
            async with asyncio.TaskGroup() as together:
                for post in self._posts:
                    together.create_task(post.fill())
        except BaseExceptionGroup as group:
            # The others fail for the same reason, or were given up for this one.
            raise group.exceptions[0] from None

    async def _relieve_when_told(self, told: asyncio.Event) -> None:
        while True:
            await told.wait()
            told.clear()
            _log.info("workers.relieving", workers=len(self._posts))
            try:
                for post in self._posts:
                    await post.replace()
            except StartError as error:
                # What the others still run is known to work.
                _log.error("workers.not_relieved", problems=error.problems)
            else:
                _log.info("workers.relieved", workers=len(self._posts))

    async def _start(self) -> Worker:
        worker = await Worker.start(self._command, self._orders)
        self._workers = {each for each in self._workers if each.alive} | {worker}
        return worker
