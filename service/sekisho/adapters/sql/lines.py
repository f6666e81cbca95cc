"""Lines: the carrier's records and events."""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes, once
from sekisho.adapters.sql.encode_standing import request_id_bytes
from sekisho.adapters.sql.feed_order import MOST_ROWS, seq_of_row
from sekisho.adapters.sql.line_knowledge import knowledge, record_content
from sekisho.adapters.sql.schema import line_change, line_event, line_record
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Dialect, Statement, insert_each
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import LineKnowledge
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.lines import LineEvent
from sekisho.domain.errors import RequestIdReusedError

_BATCH = 2_000
_LINES_A_ROW = 64
"""Lines of one row of the feed: a stream of 100,000 events is one transaction."""


def _upsert(dialect: Dialect) -> sa.ClauseElement:
    columns = line_record.columns
    statement = dialect.insert(line_record).values(
        {c.name: sa.bindparam(c.name, type_=c.type) for c in columns}
    )
    newer = statement.excluded.record_at >= line_record.c.record_at
    return statement.on_conflict_do_update(
        index_elements=["line"],
        set_={
            # An older record counts as a change too: its line is told of again, unchanged.
            "revision": line_record.c.revision + 1,
            "record_at": sa.case(
                (newer, statement.excluded.record_at), else_=line_record.c.record_at
            ),
            "content": sa.case((newer, statement.excluded.content), else_=line_record.c.content),
        },
    )


def _known(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(line_event.c.caller, line_event.c.event_id)
    return sa.select(
        line_event.c.event_id, line_event.c.line, line_event.c.kind, line_event.c.at
    ).where(line_event.c.caller == keys["caller"], line_event.c.event_id == keys["event_id"])


_UPSERT = Statement(_upsert)
_KNOWN = Statement(_known)
_INSERT = insert_each(line_event, unless=("caller", "event_id"), counting=True)
_CHANGED = insert_each(line_change, seq=seq_of_row)

_EventRow = dict[str, Any]


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class SqlLines:
    """Implements LineLedger. `clock` tells when a change was written, in Unix ms."""

    def __init__(self, database: Database, clock: Callable[[], int] = _wall_clock) -> None:
        self._database = database
        self._clock = clock

    async def upsert_record(
        self, once: Once, line: Fingerprint, record: LineKnowledge, record_at: int
    ) -> None:
        """Keep a line's record."""
        await self._database.write(
            partial(_upsert_record, once, line, record_content(record), record_at, self._clock())
        )

    async def record_events(self, caller: str, events: Sequence[LineEvent]) -> tuple[int, int]:
        """Keep events; return how many are new, and how many were known."""
        # On a thread: a long stream would keep all others from the loop.
        batches = await asyncio.to_thread(_batches, caller, events)
        new = await self._database.write(
            partial(_record_events, batches, self._clock()), background=True
        )
        return new, len(events) - new

    async def knowledge(
        self, lines: Sequence[Fingerprint]
    ) -> Sequence[tuple[Fingerprint, LineKnowledge]]:
        """Return the lines as records and events together tell them."""
        return await self._database.read(partial(knowledge, lines), snapshot=True)


def _upsert_record(
    request: Once, line: Fingerprint, content: bytes, record_at: int, now: int
) -> Script[None]:
    if (yield from once.done_before(request)) is not None:
        return
    yield _UPSERT(line=line, record_at=record_at, revision=1, content=content)
    yield from _changed([line], now)
    yield from once.keep(request, b"", now)


def _batches(caller: str, events: Sequence[LineEvent]) -> list[list[_EventRow]]:
    """Return the events' rows, each event once and a bounded number together."""
    rows: dict[bytes, _EventRow] = {}
    for event in events:
        id_ = request_id_bytes(event.event_id)
        row: _EventRow = {
            "caller": caller,
            "event_id": id_,
            "line": event.line,
            "kind": codes.LINE_EVENT.number[event.kind],
            "at": event.at,
        }
        if rows.setdefault(id_, row) != row:
            raise _reused()
    # In order: two streams that bring the same events must not wait for each other.
    ordered = [rows[id_] for id_ in sorted(rows)]
    return [ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH)]


def record_line_events(caller: str, events: Sequence[LineEvent], now: int) -> Script[int]:
    """Keep a few events within a transaction; return how many are new."""
    return (yield from _record_events(_batches(caller, events), now))


def _record_events(batches: Sequence[Sequence[_EventRow]], now: int) -> Script[int]:
    recorded = 0
    for batch in batches:
        ((new,),) = yield _INSERT.each(batch)
        if new < len(batch):
            kept = yield _KNOWN.each(batch)
            contents = {bytes(id_): (bytes(line), kind, at) for id_, line, kind, at in kept}
            if any(contents[e["event_id"]] != (e["line"], e["kind"], e["at"]) for e in batch):
                raise _reused()
        recorded += new
    if recorded:
        lines = dict.fromkeys(event["line"] for batch in batches for event in batch)
        yield from _changed(list(lines), now)
    return recorded


def _changed(lines: Sequence[Fingerprint], now: int) -> Script[None]:
    size = max(_LINES_A_ROW, -(-len(lines) // MOST_ROWS))
    yield _CHANGED.each(
        [
            {"at": now, "lines": b"".join(lines[start : start + size])}
            for start in range(0, len(lines), size)
        ]
    )


def _reused() -> RequestIdReusedError:
    return RequestIdReusedError("this event id came before with another content")
