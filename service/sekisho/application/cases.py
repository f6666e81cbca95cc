"""Cases in one line: listed, counted, watched."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum

from sekisho.application.ports.review import (
    CaseFilter,
    CaseOrder,
    CaseReader,
    CaseSummary,
    Place,
    QueueCount,
)
from sekisho.domain.errors import LedgerUnavailableError
from sekisho.domain.review import Queue
from sekisho.domain.value import value

POLL_SECONDS = 0.25
ALIVE_SECONDS = 10.0
"""How long a watch says nothing at most."""

WAITING = tuple(queue for queue in Queue if queue is not Queue.NONE)
_MOST_CHANGES = 500


class ChangeOf(StrEnum):
    """What happened to a case that is watched."""

    APPEARED = "appeared"
    CHANGED = "changed"
    LEFT = "left"


@value
class CaseChange:
    """One thing that happened; neither `of` nor `case` where a watch only says that it lives."""

    of: ChangeOf | None = None
    case: CaseSummary | None = None


class Cases:
    """Cases by filter. All watches of a process share one query a poll.

    All methods raise LedgerUnavailableError.
    """

    def __init__(self, reader: CaseReader, clock: Callable[[], int]) -> None:
        self._reader = reader
        self._clock = clock
        self._watching: set[asyncio.Queue[Sequence[bytes]]] = set()
        self._poller: asyncio.Task[None] | None = None

    async def page(
        self, wanted: CaseFilter, order: CaseOrder, after: Place | None, most: int
    ) -> Sequence[CaseSummary]:
        """Return up to `most` cases after one. RISK and DUE want queues that wait."""
        return await self._reader.page(wanted, order, after, most)

    async def counts(self, wanted: CaseFilter) -> Sequence[QueueCount]:
        """Count what waits; without queues in every one."""
        return await self._reader.counts(replace(wanted, queues=wanted.queues or WAITING))

    async def summary(self, decision_id: bytes) -> CaseSummary:
        """Return one case. NotFoundError."""
        return await self._reader.summary(decision_id, self._clock())

    async def watch(self, wanted: CaseFilter) -> AsyncIterator[CaseChange]:
        """Yield what happens to the cases of a filter from now on; at once, and whenever nothing
        has happened for ALIVE_SECONDS, a change of nothing."""
        wanted = replace(wanted, queues=wanted.queues or WAITING)
        news: asyncio.Queue[Sequence[bytes]] = asyncio.Queue()
        here: set[bytes] = set()
        await self._join(news)
        try:
            yield CaseChange()
            while True:
                changed: Sequence[bytes] = ()
                with suppress(TimeoutError):
                    async with asyncio.timeout(ALIVE_SECONDS):
                        changed = await news.get()
                if not changed:
                    yield CaseChange()
                for change in await self._changes(wanted, changed, here):
                    yield change
        finally:
            self._watching.discard(news)

    async def _changes(
        self, wanted: CaseFilter, changed: Sequence[bytes], here: set[bytes]
    ) -> list[CaseChange]:
        """Return what became of changed cases; `here` are those known to be of the filter."""
        if not changed:
            return []
        now = replace(wanted, now=self._clock())
        found = {c.decision_id: c for c in await self._reader.of_cases(now, changed)}
        made = [
            CaseChange(ChangeOf.CHANGED if id_ in here else ChangeOf.APPEARED, case)
            for id_, case in found.items()
        ]
        left = [id_ for id_ in changed if id_ not in found]
        made += [CaseChange(ChangeOf.LEFT, c) for c in await self._reader.summaries(left)]
        here.update(found)
        here.difference_update(left)
        return made

    async def _join(self, news: asyncio.Queue[Sequence[bytes]]) -> None:
        if self._poller is None or self._poller.done():
            # From where it began: nothing that happens from now on is missed.
            self._poller = asyncio.create_task(self._poll(await self._reader.head()))
        self._watching.add(news)

    async def _poll(self, after: int) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._watching:
                return
            try:
                after, changed = await self._reader.changes(after, _MOST_CHANGES)
            except LedgerUnavailableError:
                continue
            if changed:
                for news in self._watching:
                    news.put_nowait(changed)
