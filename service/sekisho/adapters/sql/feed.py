"""The ledger read in order, for the projector."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.feed_order import readable
from sekisho.adapters.sql.fingerprint_pool import SIZE, each, read_try
from sekisho.adapters.sql.line_knowledge import knowledge
from sekisho.adapters.sql.open_decisions import event_details, extended
from sekisho.adapters.sql.schema import decision, decision_event, line_change
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.standings import read_decision_detail
from sekisho.adapters.sql.statements import Dialect, Row, Rows, Statement
from sekisho.application.ports.cache import Marking, Positions, Projection, Try
from sekisho.domain.decision import Verdict
from sekisho.domain.velocity import Mark

MARGIN_MS = 60_000
"""Rows stand in the order of their transactions, and their times are of the processes that
decided: a row further down may be a little later than one above it, by a clock's error and a
commit's wait. Both are seconds at most."""

STUCK_MS = 1_000
"""Rows that were committed this long ago and cannot be read yet mean that an older transaction
holds up the feed: its readable end is then not the ledger's."""

_FEEDS = {
    "decisions": (
        decision,
        (decision.c.decided_at, decision.c.verdict, decision.c.detail),
    ),
    "events": (
        decision_event,
        (decision_event.c.at, decision_event.c.decision_id, decision_event.c.revision),
    ),
    "lines": (line_change, (line_change.c.at, line_change.c.lines)),
}
"""Each feed's table, and its columns after `seq`; the first is the row's time."""

_SEQ = sa.bindparam("seq", type_=sa.BigInteger)
_MOST = sa.bindparam("most", type_=sa.Integer)


def _after(feed: str) -> Statement:
    table, columns = _FEEDS[feed]
    return Statement(
        lambda dialect: (
            sa.select(table.c.seq, *columns)
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
            .where(table.c.seq <= _SEQ)
            .order_by(table.c.seq.desc())
            .limit(_MOST)
        )
    )


def _details(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.id)
    return sa.select(decision.c.id, decision.c.decided_at, decision.c.detail).where(
        decision.c.id == keys["id"]
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
_DETAILS = Statement(_details)
_STUCK = Statement(_stuck)


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class SqlFeed:
    """Implements LedgerFeed."""

    def __init__(self, database: Database, clock: Callable[[], int] = _wall_clock) -> None:
        self._database = database
        self._clock = clock

    async def head(self) -> Positions:
        """Return the last readable row number of each feed."""
        return await self._database.read(_read_head)

    async def after(self, positions: Positions, most: int) -> tuple[Projection, Positions, bool]:
        """Return rows after the positions, where they end, and whether all there is was read."""
        script = partial(_read_after, positions, most, self._clock())
        return await self._database.read(script, snapshot=True)

    async def before(self, positions: Positions, most: int) -> tuple[Projection, Positions, int]:
        """Return rows up to the positions, newest first, where they begin, and since when all
        are covered."""
        return await self._database.read(partial(_read_before, positions, most), snapshot=True)


def _read_head() -> Script[Positions]:
    rows = yield _HEAD()
    return Positions(*rows[0])


def _read_after(
    positions: Positions, most: int, now: int
) -> Script[tuple[Projection, Positions, bool]]:
    pages = yield from _pages(_AFTER, positions, most)
    projection = yield from _project(*(page.rows for page in pages))
    reached = Positions(
        *(p.rows[-1][0] if p.rows else at for p, at in zip(pages, _places(positions), strict=True))
    )
    at_end = all(page.last for page in pages)
    if at_end:
        stuck = yield _STUCK(before=now - STUCK_MS)
        at_end = not stuck[0][0]
    return projection, reached, at_end


def _read_before(positions: Positions, most: int) -> Script[tuple[Projection, Positions, int]]:
    pages = yield from _pages(_BEFORE, positions, most)
    projection = yield from _project(*(page.rows for page in pages))
    begin = Positions(*(0 if page.last else page.rows[-1][0] - 1 for page in pages))
    covered_from = max(
        # The latest of the rows read, not the one furthest down: a decision that was delivered
        # late has an old time, and those below it are not as old.
        0 if page.last else max(row[1] for row in page.rows) + MARGIN_MS
        for page in pages
    )
    return projection, begin, covered_from


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows of one feed. `last`: there are no more."""

    rows: Rows
    last: bool


def _pages(
    read: Mapping[str, Statement], positions: Positions, most: int
) -> Script[tuple[_Page, _Page, _Page]]:
    decisions = yield read["decisions"](seq=positions.decisions, most=most)
    events = yield read["events"](seq=positions.events, most=most)
    lines = yield read["lines"](seq=positions.lines, most=most)
    taken = list(_taken(lines, most))
    return (
        _Page(decisions, len(decisions) < most),
        _Page(events, len(events) < most),
        _Page(taken, len(taken) == len(lines) < most),
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


def _project(decisions: Rows, events: Rows, lines: Rows) -> Script[Projection]:
    tries: list[Try] = []
    markings: list[Marking] = []
    for _, decided_at, verdict, content in decisions:
        detail = read_decision_detail(content)
        attempt = read_try(detail.attempt, detail.fingerprints, decided_at)
        tries.append(attempt)
        if codes.VERDICT.word[verdict] is Verdict.STEP_UP:
            markings.append(Marking(attempt.try_id, decided_at, Mark.STEP_UP, attempt.keys))
    if events:
        yield from _project_events(events, tries, markings)
    changed = dict.fromkeys(line for row in lines for line in each(bytes(row[2])))
    known = (yield from knowledge(list(changed))) if changed else ()
    return Projection(tuple(tries), tuple(markings), tuple(known))


def _project_events(events: Rows, tries: list[Try], markings: list[Marking]) -> Script[None]:
    ids = list(dict.fromkeys(bytes(row[2]) for row in events))
    rows = yield _DETAILS.each([{"id": id_} for id_ in ids])
    decisions = {bytes(row[0]): (row[1], read_decision_detail(row[2])) for row in rows}
    details = yield from event_details(ids)
    for _, at, id_, revision in events:
        decided_at, first = decisions[bytes(id_)]
        until = [event for number, event in details[bytes(id_)] if number <= revision]
        event = until[-1]
        keys = extended(first, decided_at, until).keys
        try_id = first.attempt.try_id
        markings += (Marking(try_id, at, codes.MARK.word[mark], keys) for mark in event.marks)
        if event.attempt is not None:
            tries.append(read_try(event.attempt, event.fingerprints, decided_at))
