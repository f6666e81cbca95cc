"""Group commit for PostgreSQL: while one transaction is under way, the next one gathers."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol

from sekisho.adapters.sql.certainty import Certainty
from sekisho.adapters.sql.scripts import MOST_TOGETHER, I, R, Script
from sekisho.domain.errors import LedgerUnavailableError, SekishoError

Outcomes = Sequence[Any]


class Write(Protocol):
    """Runs a script in a transaction until its outcome is known, or its time is over."""

    async def __call__(
        self, script: Callable[[], Script[Outcomes]], certainty: Certainty
    ) -> Outcomes:
        """Return what the script did. Raises what a Database does."""


class Change(Generic[I, R]):
    """One change, and who waits for it."""

    __slots__ = ("batch", "future", "item", "withdrawn")

    def __init__(self, item: I, future: asyncio.Future[R]) -> None:
        self.item = item
        self.future = future
        self.batch: Batch[I, R] | None = None
        self.withdrawn = False
        """Its caller was told that it is not written: it must not be."""

    def give_up(self) -> LedgerUnavailableError:
        """Withdraw it where its COMMIT was not sent; return what its caller is told."""
        error = (self.batch or Certainty()).unavailable("no answer in time")
        self.withdrawn = self.batch is None or not self.batch.uncertain
        return error


class Batch(Certainty, Generic[I, R]):
    """Changes that share a commit."""

    __slots__ = ("taken",)

    def __init__(self, changes: Sequence[Change[I, R]]) -> None:
        super().__init__()
        self.taken = list(changes)
        """Those of the latest attempt."""
        for change in changes:
            change.batch = self

    def take(self) -> list[I]:
        """Return the items of the next attempt: those that were not withdrawn."""
        self.taken = [change for change in self.taken if not change.withdrawn]
        if not self.taken:
            raise LedgerUnavailableError("nobody waits for this any more")
        return [change.item for change in self.taken]

    def may_commit(self) -> bool:
        """Whether none was withdrawn since the attempt began."""
        return not any(change.withdrawn for change in self.taken)


class GroupCommit(Generic[I, R]):
    """Takes changes one by one and writes all that wait in one transaction."""

    def __init__(
        self,
        write: Write,
        script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]],
        timeout: float,
    ) -> None:
        self._write = write
        self._script = script
        self._timeout = timeout
        self._waiting: deque[Change[I, R]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def change(self, item: I, timeout: float | None = None) -> R:
        """Make a change durable, within `timeout` seconds or the group's own."""
        loop = asyncio.get_running_loop()
        change: Change[I, R] = Change(item, loop.create_future())
        self._waiting.append(change)
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._work())
        try:
            async with asyncio.timeout(self._timeout if timeout is None else timeout):
                return await change.future
        except TimeoutError:
            raise change.give_up() from None

    async def _work(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), MOST_TOGETHER)
            changes = [self._waiting.popleft() for _ in range(count)]
            # What nobody waits for any more has not begun: leave it undone.
            changes = [change for change in changes if not change.future.done()]
            if changes:
                await self._commit(Batch(changes))

    async def _commit(self, batch: Batch[I, R]) -> None:
        outcomes: Outcomes
        try:
            outcomes = await self._write(lambda: self._script(batch.take()), batch)
        except LedgerUnavailableError as error:
            outcomes = [type(error)(str(error)) for _ in batch.taken]
        except Exception as error:
            if batch.uncertain:
                outcomes = [batch.unavailable(type(error).__name__) for _ in batch.taken]
            elif len(batch.taken) > 1:
                # One of them cannot be kept: alone, the others can.
                for change in batch.taken:
                    await self._commit(Batch([change]))
                return
            else:
                outcomes = [error]
        for change, outcome in zip(batch.taken, outcomes, strict=True):
            if change.future.done():
                continue
            if isinstance(outcome, BaseException):
                change.future.set_exception(outcome)
            else:
                change.future.set_result(outcome)

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._task is not None:
            await self._task
