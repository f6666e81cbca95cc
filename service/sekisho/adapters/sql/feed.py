"""The ledger read in order, for the projector."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.feed_order import readable
from sekisho.adapters.sql.feed_rows import FeedRows, projection
from sekisho.adapters.sql.fingerprint_pool import SIZE, each
from sekisho.adapters.sql.line_knowledge import knowledge
from sekisho.adapters.sql.open_decisions import event_details
from sekisho.adapters.sql.schema import decision, decision_event, line_change
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Dialect, Row, Rows, Statement
from sekisho.application.ports.cache import Positions, Projection
from sekisho.domain.value import value

MARGIN_MS = 60_000
"""Rows stand in the order of their transactions, and their times are of the processes that
decided: a row further down may be a little later than one above it, by a clock's error and a
commit's wait. Both are seconds at most."""

MOST_LINES = 500
"""Lines are looked up one by one: a batch of the other feeds' size would take too long."""

_NOT_KNOWN = 1 << 47
"""Later than any moment."""

STUCK_MS = 1_000
"""Rows that were committed this long ago and cannot be read yet mean that an older transaction
holds up the feed: its readable end is then not the ledger's."""

_FEEDS = {
    "decisions": (
        decision,
        (decision.c.decided_at, decision.c.verdict, decision.c.degraded, decision.c.detail),
    ),
    "events": (
        decision_event,
        (
            decision_event.c.at,
            decision_event.c.decision_id,
            decision_event.c.revision,
            decision_event.c.detail,
            decision.c.decided_at,
            decision.c.detail,
        ),
    ),
    "lines": (line_change, (line_change.c.at, line_change.c.lines)),
}
"""Each feed's table, and its columns after `seq`; the first is the row's time."""

_SOURCES = {
    decision_event: decision_event.join(decision, decision.c.id == decision_event.c.decision_id)
}
"""Where a feed's rows are read from, unless it is the table alone."""

_SEQ = sa.bindparam("seq", type_=sa.BigInteger)
_MOST = sa.bindparam("most", type_=sa.Integer)


def _after(feed: str) -> Statement:
    table, columns = _FEEDS[feed]
    return Statement(
        lambda dialect: (
            sa.select(table.c.seq, *columns)
            .select_from(_SOURCES.get(table, table))
            .where(table.c.seq > _SEQ, readable(dialect, table))
            .order_by(table.c.seq)
            .limit(_MOST)
        )
    )


def _before(feed: str) -> Statement:
    table, columns = _FEEDS[feed]
    return Statement(
        lambda _: (
            sa.select(table.c.seq, *columns)
            .select_from(_SOURCES.get(table, table))
            .where(table.c.seq <= _SEQ)
            .order_by(table.c.seq.desc())
            .limit(_MOST)
        )
    )


def _head(dialect: Dialect) -> sa.Select[Any]:
    return sa.select(
        *(
            sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0))
            .where(readable(dialect, table))
            .scalar_subquery()
            for table, _ in _FEEDS.values()
        )
    )


def _stuck(dialect: Dialect) -> sa.Select[Any]:
    """Whether a feed has rows from before a moment that cannot be read yet."""
    return sa.select(
        sa.or_(
            *(
                sa.exists(
                    sa.select(table.c.seq).where(
                        ~readable(dialect, table),
                        columns[0] < sa.bindparam("before", type_=sa.BigInteger),
                    )
                )
                for table, columns in _FEEDS.values()
            )
        )
    )


_AFTER = {feed: _after(feed) for feed in _FEEDS}
_BEFORE = {feed: _before(feed) for feed in _FEEDS}
_HEAD = Statement(_head)
_STUCK = Statement(_stuck)


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class SqlFeed:
    """Implements LedgerFeed.

    What is read is decoded where the service runs, not beside it: a thread that decodes holds
    the interpreter for longer than an assessment should wait.
    """

    def __init__(self, database: Database, clock: Callable[[], int] = _wall_clock) -> None:
        self._database = database
        self._clock = clock

    async def head(self) -> Positions:
        """Return the last readable row number of each feed."""
        return await self._database.read(_read_head)

    async def after(self, positions: Positions, most: int) -> tuple[Projection, Positions, bool]:
        """Return rows after the positions, where they end, and whether all there is was read."""
        script = partial(_read_after, positions, most, self._clock())
        rows, reached, at_end = await self._database.read(script, snapshot=True)
        return await projection(rows), reached, at_end

    async def before(
        self, positions: Positions, most: int, since: int
    ) -> tuple[Projection, Positions, int]:
        """Return rows up to the positions, newest first, where they begin, and since when all
        are covered."""
        script = partial(_read_before, positions, most, since)
        rows, begin, covered_from = await self._database.read(script, snapshot=True)
        return await projection(rows), begin, covered_from


def _read_head() -> Script[Positions]:
    rows = yield _HEAD()
    return Positions(*rows[0])


def _read_after(
    positions: Positions, most: int, now: int
) -> Script[tuple[FeedRows, Positions, bool]]:
    pages = yield from _pages(_AFTER, positions, most)
    rows = yield from _complete(*(page.rows for page in pages))
    reached = Positions(
        *(p.rows[-1][0] if p.rows else at for p, at in zip(pages, _places(positions), strict=True))
    )
    at_end = all(page.last for page in pages)
    if at_end:
        stuck = yield _STUCK(before=now - STUCK_MS)
        at_end = not stuck[0][0]
    return rows, reached, at_end


def _read_before(
    positions: Positions, most: int, since: int
) -> Script[tuple[FeedRows, Positions, int]]:
    decisions, events, lines = yield from _pages(_BEFORE, positions, most)
    rows = yield from _complete(decisions.rows, events.rows, lines.rows)
    # Of decisions only those on time tell how old the rows below them are: one from the journal
    # was delivered late, perhaps among many of its kind, and it is always degraded.
    on_time = _covered_from(decisions, [row[1] for row in decisions.rows if not row[3]], since)
    times = (
        on_time,
        _covered_from(events, [row[1] for row in events.rows], since),
        _covered_from(lines, [row[1] for row in lines.rows], 0),
    )
    begin = Positions(
        *(
            0 if covered == 0 else page.rows[-1][0] - 1
            for page, covered in zip((decisions, events, lines), times, strict=True)
        )
    )
    return rows, begin, max(times)


def _covered_from(page: "_Page", times: Sequence[int], since: int) -> int:
    """Return since when all of a feed is covered: 0 where nothing that counts is left."""
    if page.last:
        return 0
    # The latest, not the one furthest down: a row may be a little later than those above it.
    covered_from = max(times) + MARGIN_MS if times else _NOT_KNOWN
    return 0 if covered_from < since else covered_from


@value
class _Page:
    """Rows of one feed. `last`: there are no more."""

    rows: Rows
    last: bool


def _pages(
    read: Mapping[str, Statement], positions: Positions, most: int
) -> Script[tuple[_Page, _Page, _Page]]:
    decisions = yield read["decisions"](seq=positions.decisions, most=most)
    events = yield read["events"](seq=positions.events, most=most)
    few = min(most, MOST_LINES)
    lines = yield read["lines"](seq=positions.lines, most=few)
    taken = list(_taken(lines, few))
    return (
        _Page(decisions, len(decisions) < most),
        _Page(events, len(events) < most),
        _Page(taken, len(taken) == len(lines) < few),
    )


def _taken(rows: Rows, most: int) -> Iterator[Row]:
    """Return the first rows that name `most` lines together: one row may name many."""
    named = 0
    for row in rows:
        yield row
        named += len(row[2]) // SIZE
        if named >= most:
            return


def _places(positions: Positions) -> tuple[int, int, int]:
    return positions.decisions, positions.events, positions.lines


def _complete(decisions: Rows, events: Rows, lines: Rows) -> Script[FeedRows]:
    """Add what rows refer to."""
    again = dict.fromkeys(bytes(row[2]) for row in events if row[3] > 1)
    histories = (yield from event_details(list(again))) if again else {}
    changed = dict.fromkeys(line for row in lines for line in each(bytes(row[2])))
    known = (yield from knowledge(list(changed))) if changed else ()
    return FeedRows(decisions, events, histories, tuple(known))
