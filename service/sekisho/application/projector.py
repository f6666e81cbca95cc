"""The projector: the cache follows the ledger.

It keeps its place in the cache, beside the data. Whatever happens to the cache (a flush, an old
snapshot, a failover that lost its tail) is then one case: go on from the place found there.
New rows are applied upwards from each tag's `top`; history is covered downwards from its
`bottom`, newest first, so that short windows are known soon.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from secrets import token_bytes

import structlog

from sekisho.application.ports.cache import Coverage, Positions, Projection, ProjectionStore
from sekisho.application.ports.ledger import LedgerFeed
from sekisho.domain.errors import UnavailableError

TAGS = range(256)
_NOTHING = Projection()
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the cache is: Unix ms covered from (0: all), and whether every tag is complete."""

    covered_from: int
    applied_to: int

    @property
    def complete(self) -> bool:
        """Whether all of the ledger's history is in the cache."""
        return self.covered_from == 0


class Projector:
    """One step at a time; `run` repeats it for as long as the service lives."""

    def __init__(
        self,
        feed: LedgerFeed,
        store: ProjectionStore,
        clock: Callable[[], int],
        *,
        rows: int = 500,
        pause: float = 0.5,
        least_pause: float = 0.02,
    ) -> None:
        self._feed = feed
        self._store = store
        self._clock = clock
        self._rows = rows
        self._pause = pause
        self._least_pause = least_pause
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Something was written that other requests should see soon."""
        self._nudged.set()

    async def run(self) -> None:
        """Follow the ledger until cancelled. While a store is away, wait for it."""
        away = False
        while True:
            try:
                more = await self.step()
                if away:
                    _log.info("projector.resumed")
                away = False
            except UnavailableError as error:
                more = False
                if not away:
                    _log.warning("projector.paused", reason=error.reason)
                away = True
            if more:
                continue
            await asyncio.sleep(self._least_pause)
            # Not wait_for, which before Python 3.12 can lose a cancellation.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._nudged.wait()
            self._nudged.clear()

    async def step(self) -> bool:
        """Apply one batch upwards and, where history is missing, one downwards.

        Returns whether there is more to do at once. Raises UnavailableError.
        """
        marks = await self._store.coverage()
        if len(marks) + len(self._store.away) < len(TAGS):
            await self._begin(marks)
            return True
        behind = await self._upwards(marks)
        if behind is None:
            return True
        uncovered = await self._downwards(behind)
        return uncovered

    async def progress(self) -> Progress | None:
        """Return how far the cache is; None while a tag has no mark."""
        marks = await self._store.coverage()
        if len(marks) < len(TAGS):
            return None
        return Progress(
            max(mark.covered_from for mark in marks.values()),
            min(mark.applied_to for mark in marks.values()),
        )

    async def _begin(self, marks: Mapping[int, Coverage]) -> None:
        """Mark the tags that have none: nothing is covered yet, from here on all is followed."""
        now = self._clock()
        head = await self._feed.head()
        fresh = Coverage(token_bytes(8), head, head, now, now)
        if not await self._store.apply(
            _NOTHING,
            {
                tag: (None, fresh)
                for tag in TAGS
                if tag not in marks and tag not in self._store.away
            },
        ):
            _log.info("projector.raced")

    async def _upwards(self, marks: Mapping[int, Coverage]) -> Mapping[int, Coverage] | None:
        """Apply new rows; return the marks as written, None where there is more to do first."""
        now = self._clock()
        low = _lowest(mark.top for mark in marks.values())
        projection, reached, at_end = await self._feed.after(low, self._rows)
        moved = {
            tag: replace(
                mark,
                top=_highest((mark.top, reached)),
                applied_to=max(mark.applied_to, now) if at_end else mark.applied_to,
            )
            for tag, mark in marks.items()
        }
        written = await self._store.apply(
            projection, {tag: (marks[tag], moved[tag]) for tag in marks}
        )
        return moved if written and at_end else None

    async def _downwards(self, marks: Mapping[int, Coverage]) -> bool:
        """Cover older rows of the tags that miss them; return whether some are left."""
        open_tags = {tag: mark for tag, mark in marks.items() if mark.covered_from != 0}
        if not open_tags:
            return False
        start = _highest(mark.bottom for mark in open_tags.values())
        projection, reached, covered_from = await self._feed.before(start, self._rows)
        moved = {
            tag: replace(
                mark,
                bottom=_lowest((mark.bottom, reached)),
                covered_from=min(mark.covered_from, covered_from),
            )
            for tag, mark in open_tags.items()
        }
        written = await self._store.apply(
            projection, {tag: (open_tags[tag], moved[tag]) for tag in open_tags}
        )
        if written and covered_from == 0:
            _log.info("projector.covered")
        return not written or covered_from != 0


def _lowest(positions: Iterable[Positions]) -> Positions:
    every = list(positions)
    return Positions(
        min(p.decisions for p in every), min(p.events for p in every), min(p.lines for p in every)
    )


def _highest(positions: Iterable[Positions]) -> Positions:
    every = list(positions)
    return Positions(
        max(p.decisions for p in every), max(p.events for p in every), max(p.lines for p in every)
    )
