"""Pages of the desk's index, in its orders, and counts of its queues."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.review import orders
from sekisho.adapters.sql.review.conditions import (
    NOTHING,
    any_queue,
    conditions,
    disposed,
    free,
    in_queue,
    overdue,
)
from sekisho.adapters.sql.review.rows import COLUMNS, summary
from sekisho.adapters.sql.schema import review_case, review_identifier, review_reason
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import one_off
from sekisho.application.ports.review import CaseFilter, CaseOrder, CaseSummary, Place, QueueCount
from sekisho.domain.review import Disposition, Queue

_of = review_case.c


def page(
    wanted: CaseFilter, order: CaseOrder, after: Place | None, most: int
) -> Script[list[CaseSummary]]:
    """Return up to `most` cases after one, which need not exist any more.

    Whoever has an identifier, or a reason anywhere, is found by it. Otherwise each queue or
    disposition is read by its own index, and what was read is put together here.
    """
    source, by, where = _source(wanted)
    if after is not None:
        where.append(orders.after(order, after, by))
    found: list[CaseSummary] = []
    for part in _parts(wanted) if by is _of else _whole(wanted):
        asked = sa.select(*COLUMNS).select_from(source).where(*where, *part)
        rows = yield one_off(asked.order_by(*orders.ordered(order, by)).limit(most))
        found += map(summary, rows)
    found.sort(key=lambda each: orders.key(order, each.place))
    return found[:most]


def _parts(wanted: CaseFilter) -> Sequence[Sequence[sa.ColumnElement[bool]]]:
    """Return what divides a filter into parts, each of which has an index in order."""
    if wanted.queues:
        return [[in_queue(queue)] for queue in wanted.queues]
    known = [each for each in wanted.dispositions if each is not None]
    if wanted.missed and not wanted.dispositions:
        # Whatever was missed has been found to be something.
        known = list(Disposition)
    if known and None not in wanted.dispositions:
        return [[disposed(each)] for each in known]
    return [[]]


def _whole(wanted: CaseFilter) -> Sequence[Sequence[sa.ColumnElement[bool]]]:
    return [[any_queue(wanted.queues)]] if wanted.queues else [[]]


def _source(
    wanted: CaseFilter,
) -> tuple[sa.FromClause, orders.Columns, list[sa.ColumnElement[bool]]]:
    """Return what is read, whose index has the order, and what must hold of it.

    The databases cannot know how rare an identifier or a rule is: left to themselves they would
    look at every decision there is.
    """
    if wanted.fingerprint:
        kept, named = review_identifier, review_identifier.c.fingerprint == wanted.fingerprint
        wanted = replace(wanted, fingerprint=b"")
    elif wanted.reason and (not wanted.queues or Queue.NONE in wanted.queues):
        kept, named = review_reason, review_reason.c.code == wanted.reason
        wanted = replace(wanted, reason="")
    else:
        return review_case, _of, conditions(wanted)
    where = [named, *conditions(wanted)]
    if wanted.start is not None:
        where.append(kept.c.decided_at >= wanted.start)
    if wanted.end is not None:
        where.append(kept.c.decided_at < wanted.end)
    return kept.join(review_case, kept.c.decision_id == _of.decision_id), kept.c, where


def of_cases(wanted: CaseFilter, decision_ids: Sequence[bytes]) -> Script[list[CaseSummary]]:
    """Return those of these cases that a filter takes."""
    where = [*conditions(wanted), sa.or_(*(_of.decision_id == id_ for id_ in decision_ids))]
    if wanted.queues:
        where.append(any_queue(wanted.queues))
    return [summary(row) for row in (yield one_off(sa.select(*COLUMNS).where(*where)))]


def counts(wanted: CaseFilter) -> Script[list[QueueCount]]:
    """Count the cases of each queue of a filter."""
    where = conditions(wanted)
    held = (_of.assignee != NOTHING, _of.lease_expires_at > wanted.now)
    # Of all queues at once: those that somebody holds are few, and have an index of their own.
    rows = yield one_off(
        sa.select(_of.queue, sa.func.count()).where(*held, *where).group_by(_of.queue)
    )
    claimed = {codes.QUEUE.word[number]: int(count) for number, count in rows}
    found = []
    for queue in wanted.queues:
        count, late, oldest = (yield one_off(_counts(queue, where, wanted.now)))[0]
        found.append(QueueCount(queue, count, count - claimed.get(queue, 0), late, oldest))
    return found


def _counts(queue: Queue, where: Sequence[sa.ColumnElement[bool]], now: int) -> sa.Select[Any]:
    """Count each by the index that has all of it."""

    def of(what: sa.ColumnElement[Any], *more: sa.ColumnElement[bool]) -> Any:
        return sa.select(what).where(in_queue(queue), *more, *where).scalar_subquery()

    return sa.select(
        of(sa.func.count()),
        of(sa.func.count(), overdue(now)),
        of(sa.func.min(_of.decided_at)),
    )


def next_free(wanted: CaseFilter) -> Script[bytes | None]:
    """Return the case that is to be reviewed next and that nobody holds, and lock it.

    What another one is about to take is passed over; where that is all, it is waited for.
    """
    for queue in wanted.queues:
        where = [in_queue(queue), free(wanted.now), *conditions(wanted)]
        asked = (
            sa.select(_of.decision_id)
            .where(*where)
            .order_by(*orders.ordered(CaseOrder.RISK, _of))
            .limit(1)
        )
        for skip in (True, False):
            rows = yield one_off(asked.with_for_update(of=review_case, skip_locked=skip))
            if rows:
                return bytes(rows[0][0])
    return None
