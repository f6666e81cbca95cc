"""Group commit for PostgreSQL: while one transaction is under way, the next one gathers."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Generic

from sekisho.adapters.sql.scripts import MOST_TOGETHER, I, R, Script
from sekisho.domain.errors import LedgerUnavailableError, SekishoError

Outcomes = Sequence[Any]


class GroupCommit(Generic[I, R]):
    """Takes changes one by one and writes all that wait in one transaction."""

    def __init__(
        self,
        write: Callable[[Callable[[], Script[Outcomes]]], Coroutine[Any, Any, Outcomes]],
        script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]],
        timeout: float,
    ) -> None:
        self._write = write
        self._script = script
        self._timeout = timeout
        self._waiting: deque[tuple[I, asyncio.Future[R]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def change(self, item: I) -> R:
        """Make a change durable, within the timeout."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._work())
        try:
            async with asyncio.timeout(self._timeout):
                return await future
        except TimeoutError:
            raise LedgerUnavailableError("the ledger did not answer in time") from None

    async def _work(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), MOST_TOGETHER)
            batch = [self._waiting.popleft() for _ in range(count)]
            # What nobody waits for any more has not begun: leave it undone.
            batch = [(item, future) for item, future in batch if not future.done()]
            if batch:
                await self._commit(batch)

    async def _commit(self, batch: Sequence[tuple[I, asyncio.Future[R]]]) -> None:
        items = [item for item, _ in batch]
        outcomes: Outcomes
        try:
            outcomes = await self._write(partial(self._script, items))
        except LedgerUnavailableError as error:
            outcomes = [LedgerUnavailableError(str(error)) for _ in batch]
        except Exception as error:
            # One of them cannot be kept: alone, the others can.
            if len(batch) > 1:
                for one in batch:
                    await self._commit([one])
                return
            outcomes = [error]
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._task is not None:
            await self._task
