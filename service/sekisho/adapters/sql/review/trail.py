"""The trail: what analysts did, one row an act, never changed."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from sekisho.adapters.sql.feed_order import seq_of_row
from sekisho.adapters.sql.schema import review_trail
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import insert_each, one_off
from sekisho.application.ports.review import TrailEntry, TrailFilter, TrailRow

_of = review_trail.c
_COLUMNS = (_of.at, _of.actor, _of.act, _of.decision_id, _of.case_number, _of.summary, _of.note)
_KEEP = insert_each(review_trail, seq=seq_of_row)


def keep_entries(entries: Sequence[TrailEntry]) -> Script[None]:
    """Append entries: once in a transaction, for its rows are numbered by it."""
    if entries:
        yield _KEEP.each(
            [
                {
                    "at": each.at,
                    "decision_id": each.decision_id,
                    "actor": each.actor,
                    "act": each.act,
                    "case_number": each.case_number,
                    "summary": each.summary,
                    "note": each.note,
                }
                for each in entries
            ]
        )


def entries(wanted: TrailFilter, after: int, most: int) -> Script[list[TrailRow]]:
    """Return entries, newest first, before a place (0: from the newest)."""
    where = list(_conditions(wanted))
    if after:
        where.append(_of.seq < after)
    asked = sa.select(_of.seq, *_COLUMNS).where(*where).order_by(_of.seq.desc()).limit(most)
    rows = yield one_off(asked)
    return [
        (seq, TrailEntry(at, actor, act, bytes(decision_id), case_number, summary, note))
        for seq, at, actor, act, decision_id, case_number, summary, note in rows
    ]


def _conditions(wanted: TrailFilter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.decision_id:
        yield _of.decision_id == wanted.decision_id
    if wanted.actor:
        yield _of.actor == wanted.actor
    if wanted.act:
        yield _of.act == wanted.act
    if wanted.start is not None:
        yield _of.at >= wanted.start
    if wanted.end is not None:
        yield _of.at < wanted.end
