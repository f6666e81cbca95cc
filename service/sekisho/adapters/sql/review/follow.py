"""The indexer's way through the ledger's feeds, and the desk's own feed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.feed_order import readable
from sekisho.adapters.sql.review.index import DueTimes, index_all, index_new, note_changes
from sekisho.adapters.sql.review.judged import COLUMNS
from sekisho.adapters.sql.schema import decision, decision_event, review_change, review_place
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Statement, insert_each

_NAME = "index"
_KEEP_MS = 3_600_000
"""How long a change can be read: who watches is further on, or begins anew."""

_seq = sa.bindparam("seq", type_=sa.BigInteger)
_most = sa.bindparam("most", type_=sa.Integer)
_now = sa.bindparam("now", type_=sa.BigInteger)


def _after(table: sa.Table, *columns: sa.ColumnElement[Any]) -> Statement:
    return Statement(
        lambda dialect: (
            sa.select(*columns, table.c.seq)
            .where(table.c.seq > _seq, readable(dialect, table))
            .order_by(table.c.seq)
            .limit(_most)
        )
    )


_DECISIONS = _after(decision, *COLUMNS)
_EVENTS = _after(decision_event, decision_event.c.decision_id)
_CHANGES = _after(review_change, review_change.c.decision_id)
_PLACE = Statement(
    lambda _: sa.select(review_place.c.decisions, review_place.c.events).where(
        review_place.c.name == _NAME
    )
)
_BEGIN = insert_each(review_place, unless=("name",))
_MOVE = Statement(
    lambda _: (
        sa.update(review_place)
        .where(
            review_place.c.name == _NAME,
            review_place.c.decisions == sa.bindparam("old_decisions", type_=sa.BigInteger),
            review_place.c.events == sa.bindparam("old_events", type_=sa.BigInteger),
        )
        .values(
            decisions=sa.bindparam("new_decisions", type_=sa.BigInteger),
            events=sa.bindparam("new_events", type_=sa.BigInteger),
        )
        .returning(review_place.c.name)
    )
)
_HEAD = Statement(
    lambda dialect: sa.select(sa.func.coalesce(sa.func.max(review_change.c.seq), 0)).where(
        readable(dialect, review_change)
    )
)
_DROP = Statement(
    # The last row stays: SQLite would begin to count anew, behind those who watch.
    lambda _: sa.delete(review_change).where(
        review_change.c.at < _now,
        review_change.c.seq < sa.select(sa.func.max(review_change.c.seq)).scalar_subquery(),
    )
)


def step(most: int, due: DueTimes, now: int) -> Script[bool]:
    """Index up to `most` rows of each feed; return whether there may be more at once.

    The place is moved in the same transaction: of several workers one does each step.
    """
    place = yield _PLACE()
    if not place:
        yield _BEGIN.each([{"name": _NAME, "decisions": 0, "events": 0}])
    decisions, events = place[0] if place else (0, 0)
    made = yield _DECISIONS(seq=decisions, most=most)
    revised = yield _EVENTS(seq=events, most=most)
    if not made and not revised:
        return False
    moved = yield _MOVE(
        old_decisions=decisions,
        old_events=events,
        new_decisions=made[-1][-1] if made else decisions,
        new_events=revised[-1][-1] if revised else events,
    )
    if moved:
        changed = yield from index_new([row[:-1] for row in made], due)
        changed += yield from index_all([bytes(row[0]) for row in revised], due)
        yield from note_changes(list(dict.fromkeys(changed)), now)
    return len(made) == most or len(revised) == most


def head() -> Script[int]:
    """Return the desk's last change."""
    return int((yield _HEAD())[0][0])


def changes(after: int, most: int) -> Script[tuple[int, Sequence[bytes]]]:
    """Return which cases changed after a change, each once, and up to which change that is."""
    rows = yield _CHANGES(seq=after, most=most)
    return (rows[-1][-1] if rows else after), list(dict.fromkeys(bytes(row[0]) for row in rows))


def drop_changes(now: int) -> Script[None]:
    """Drop changes that nobody needs any more."""
    yield _DROP(now=now - _KEEP_MS)
