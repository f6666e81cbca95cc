"""The projector: the cache follows the ledger.

It keeps its place in the cache, beside the data. Whatever happens to the cache (a flush, an old
snapshot, a failover that lost its tail) is then one case: go on from the place found there.
New rows are applied upwards from each tag's `top`; history is covered downwards from its
`bottom`, newest first, so that short windows are known soon.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from secrets import token_bytes

import structlog

from sekisho.application.ports.cache import Coverage, Positions, Projection, ProjectionStore, Write
from sekisho.application.ports.ledger import LedgerFeed
from sekisho.application.read_ahead import ReadAhead
from sekisho.domain.errors import UnavailableError
from sekisho.domain.value import value
from sekisho.domain.velocity import DAY_MS, RETENTION_MS

TAGS = range(256)
_NOTHING = Projection()
_NEEDED_MS = RETENTION_MS + DAY_MS
"""What is older counts in no window, however clocks differ."""
_IDLE_SHARE = 9
"""At the ledger's end it rests nine times as long as it worked: a tenth of the time is its own."""
_ASIDE_SECONDS = 1.0
_SKEW_MS = 2_000
"""Clocks of different processes may differ by this much."""
_log = structlog.get_logger(__name__)


@value
class _Batch:
    """What was read at one place: how it is written, and how many rows that are."""

    write: Write
    rows: int
    reached: Positions


@value
class _Above:
    """New rows: when they were read (Unix ms, and `time.monotonic`), and whether to the end."""

    batch: _Batch
    now: int
    moment: float
    at_end: bool


_Below = tuple[_Batch, int]
"""With the time from which all is then covered."""


@value
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
        rows: int = 1_000,
        pause: float = 0.5,
        least_pause: float = 0.02,
    ) -> None:
        """`rows` is how many of a feed one batch takes: read and written in a tenth of a second.

        `pause` is how many seconds new rows may wait where nobody nudges, `least_pause` where
        somebody does.
        """
        self._feed = feed
        self._store = store
        self._clock = clock
        self._rows = rows
        self._pause = pause
        self._least_pause = least_pause
        self._nudged = asyncio.Event()
        self._hurried = asyncio.Event()
        self._above = ReadAhead(self._read_above)
        self._below = ReadAhead(self._read_below)
        self._aside_until = 0.0
        self.rows = 0
        """Tries, marks and lines written so far."""

    def nudge(self) -> None:
        """Something was written that other requests should see soon."""
        self._nudged.set()

    def hurry(self) -> None:
        """Something is missing in the cache: requests have unknown facts until it is there."""
        self._nudged.set()
        self._hurried.set()

    async def run(self) -> None:
        """Follow the ledger until cancelled. While a store is away, wait for it."""
        try:
            await self._follow()
        finally:
            await self._above.drop()
            await self._below.drop()

    async def _follow(self) -> None:
        failing = ""
        while True:
            began = time.monotonic()
            try:
                more = await self._step()
                if failing:
                    _log.info("projector.resumed")
                failing = ""
            except UnavailableError as error:
                more = False
                if failing != error.reason:
                    _log.warning("projector.paused", reason=error.reason)
                failing = error.reason
            except Exception as error:
                # Without a projector everything is unknown for good: it never ends.
                more = False
                if failing != type(error).__name__:
                    _log.exception("projector.failed", error=type(error).__name__)
                failing = type(error).__name__
            if more:
                continue
            # A step looks at every tag, however little is new: it is not for every few decisions.
            rest = max(self._least_pause, _IDLE_SHARE * (time.monotonic() - began))
            await _wait(self._hurried, min(rest, self._pause))
            await _wait(self._nudged, self._pause)

    async def _step(self) -> bool:
        """Apply a batch upwards and, once at the ledger's end, history downwards for a while.

        Returns whether there is more to do at once. Raises UnavailableError.
        """
        self._nudged.clear()
        self._hurried.clear()
        marks = await self._store.coverage()
        if len(marks) + len(self._store.away) < len(TAGS):
            await self._begin(marks)
            return True
        followed = await self._upwards(marks)
        if followed is None:
            return True
        return await self._downwards(followed)

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
        low = _lowest(mark.top for mark in marks.values())
        above = await self._above.take(low)
        if not above.at_end:
            await self._above.begin(above.batch.reached)
            await self._ahead(marks, low)
        return await self._apply(above, marks)

    async def _ahead(self, marks: Mapping[int, Coverage], low: Positions) -> None:
        """Go on where the ledger was followed furthest: a part of the cache that comes back after
        long, and has much to apply, must not hold up the others."""
        top = _highest(mark.top for mark in marks.values())
        if top == low:
            return
        ahead = {tag: mark for tag, mark in marks.items() if mark.top == top}
        await self._apply(await self._read_above(top), ahead)

    async def _apply(
        self, above: _Above, marks: Mapping[int, Coverage]
    ) -> Mapping[int, Coverage] | None:
        """Return the marks as written; None where these do not follow the ledger to its end."""
        applied_to = above.now if above.at_end else 0
        moved = _moved(marks, partial(_up, above.batch.reached, applied_to))
        if not await self._write(above.batch, marks, moved) or not above.at_end:
            return None
        self._store.followed(moved, above.moment)
        return moved

    async def _downwards(self, marks: Mapping[int, Coverage]) -> bool:
        """Cover older rows of the tags that miss them, until new ones may have come.

        Returns whether some are left.
        """
        open_tags = {tag: mark for tag, mark in marks.items() if mark.covered_from != 0}
        now = asyncio.get_running_loop().time
        if not open_tags or now() < self._aside_until:
            return False
        until = now() + self._pause / 2
        while True:
            start = _highest(mark.bottom for mark in open_tags.values())
            batch, covered_from = await self._below.take(start)
            if covered_from != 0:
                await self._below.begin(batch.reached)
            moved = _moved(open_tags, partial(_down, batch.reached, covered_from))
            if not await self._write(batch, open_tags, moved):
                # Another worker is about the same: one is enough.
                self._aside_until = now() + _ASIDE_SECONDS
                return False
            if covered_from == 0:
                _log.info("projector.covered")
                return False
            if self._nudged.is_set() or now() > until:
                return True
            open_tags = moved

    async def _write(
        self, batch: _Batch, marks: Mapping[int, Coverage], moved: Mapping[int, Coverage]
    ) -> bool:
        written = await batch.write({tag: (marks[tag], moved[tag]) for tag in marks})
        self.rows += batch.rows
        return written

    async def _read_above(self, at: Positions) -> _Above:
        now, moment = self._clock(), time.monotonic()
        projection, reached, at_end = await self._feed.after(at, self._rows)
        return _Above(await self._batch(projection, reached), now, moment, at_end)

    async def _read_below(self, at: Positions) -> _Below:
        since = self._clock() - _NEEDED_MS
        projection, reached, covered_from = await self._feed.before(at, self._rows, since)
        return await self._batch(projection, reached), covered_from

    async def _batch(self, projection: Projection, reached: Positions) -> _Batch:
        rows = len(projection.tries) + len(projection.markings) + len(projection.lines)
        return _Batch(await self._store.prepare(projection), rows, reached)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    # Not wait_for, which before Python 3.12 can lose a cancellation.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _up(reached: Positions, applied_to: int, mark: Coverage) -> Coverage:
    # One that lies well ahead was written by a clock that was: it is put back.
    ahead = 0 < applied_to < mark.applied_to - _SKEW_MS
    return replace(
        mark,
        top=_highest((mark.top, reached)),
        applied_to=applied_to if ahead else max(mark.applied_to, applied_to),
    )


def _down(reached: Positions, covered_from: int, mark: Coverage) -> Coverage:
    return replace(
        mark,
        bottom=_lowest((mark.bottom, reached)),
        covered_from=min(mark.covered_from, covered_from),
    )


def _moved(
    marks: Mapping[int, Coverage], move: Callable[[Coverage], Coverage]
) -> dict[int, Coverage]:
    """Return where each mark moves to: once for each, for most tags have the very same one."""
    once = {id(mark): mark for mark in marks.values()}
    moved = {place: move(mark) for place, mark in once.items()}
    return {tag: moved[id(mark)] for tag, mark in marks.items()}


def _lowest(positions: Iterable[Positions]) -> Positions:
    every = set(positions)
    return Positions(
        min(p.decisions for p in every), min(p.events for p in every), min(p.lines for p in every)
    )


def _highest(positions: Iterable[Positions]) -> Positions:
    every = set(positions)
    return Positions(
        max(p.decisions for p in every), max(p.events for p in every), max(p.lines for p in every)
    )
