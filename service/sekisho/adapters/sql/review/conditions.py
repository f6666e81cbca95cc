"""A filter of cases as conditions on the index."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.schema import review_case, review_identifier, review_reason
from sekisho.application.ports.review import CaseFilter
from sekisho.domain import case_number
from sekisho.domain.review import Disposition, Queue

Condition = sa.ColumnElement[bool]

_of = review_case.c

NOTHING: sa.ColumnElement[str] = sa.literal_column("''")
"""As it stands in partial indexes, which no parameter matches."""


def conditions(wanted: CaseFilter) -> list[Condition]:
    """Return what must hold of a case, its queue left out."""
    return [*_of_the_decision(wanted), *_of_the_review(wanted)]


def in_queue(queue: Queue) -> Condition:
    """Return the condition of one queue, in the form that partial indexes know."""
    number = codes.QUEUE.number[queue]
    here = _of.queue == sa.literal_column(str(number))
    return here if queue is Queue.NONE else sa.and_(here, _of.queue > sa.literal_column("1"))


def any_queue(queues: tuple[Queue, ...]) -> Condition:
    """Return the condition of any of several queues."""
    return sa.or_(*map(in_queue, queues))


def disposed(disposition: Disposition) -> Condition:
    """Return the condition of one disposition, in the form that its partial index knows."""
    number = codes.DISPOSITION.number[disposition]
    return sa.and_(
        _of.disposition == sa.literal_column(str(number)),
        _of.disposition > sa.literal_column("0"),
    )


def free(now: int) -> Condition:
    """Return the condition that nobody holds a case at a moment (Unix ms)."""
    return sa.or_(_of.assignee == "", _of.lease_expires_at <= now)


def overdue(now: int) -> Condition:
    """Return the condition that a case's due time is past."""
    return _of.due_at <= now


def _of_the_decision(wanted: CaseFilter) -> Iterator[Condition]:
    if wanted.states:
        yield _any(_of.state, [codes.STATE.number[each] for each in wanted.states])
    if wanted.verdict is not None:
        yield _of.verdict == codes.VERDICT.number[wanted.verdict]
    if wanted.shop:
        yield _of.shop == wanted.shop
    if wanted.terminal:
        yield _of.terminal == wanted.terminal
    if wanted.kinds:
        yield _any(_of.kind, [codes.KIND.number[each] for each in wanted.kinds])
    if wanted.start is not None:
        yield _of.decided_at >= wanted.start
    if wanted.end is not None:
        yield _of.decided_at < wanted.end
    if wanted.min_risk:
        yield _of.risk >= wanted.min_risk
    if wanted.degraded is not None:
        yield _of.degraded == _truth(wanted.degraded)
    if wanted.case_number:
        # A range, which any collation's index can answer where LIKE cannot.
        yield _of.case_number >= wanted.case_number
        yield _of.case_number <= wanted.case_number.ljust(case_number.LENGTH, "Z")
    if wanted.reason:
        yield _kept(review_reason, review_reason.c.code == wanted.reason)
    if wanted.fingerprint:
        yield _kept(review_identifier, review_identifier.c.fingerprint == wanted.fingerprint)


def _of_the_review(wanted: CaseFilter) -> Iterator[Condition]:
    if wanted.dispositions:
        yield _any(
            _of.disposition,
            [0 if each is None else codes.DISPOSITION.number[each] for each in wanted.dispositions],
        )
    if wanted.assignee is None:
        yield free(wanted.now)
    elif wanted.assignee:
        yield sa.and_(_of.assignee == wanted.assignee, _of.assignee != NOTHING)
        yield _of.lease_expires_at > wanted.now
    if wanted.group:
        yield sa.and_(_of.group_id == wanted.group, _of.group_id != NOTHING)
    if wanted.escalated is not None:
        yield _of.escalated == _truth(wanted.escalated)
    if wanted.missed is not None:
        yield _of.missed == _truth(wanted.missed)
    if wanted.overdue is not None:
        late = overdue(wanted.now)
        yield late if wanted.overdue else sa.or_(_of.due_at.is_(None), sa.not_(late))


def _any(column: sa.Column[Any], values: list[int]) -> Condition:
    # Not IN, whose values SQLAlchemy writes only when it executes.
    return sa.or_(*(column == value for value in values))


def _kept(table: sa.Table, condition: Condition) -> Condition:
    return sa.exists(
        sa.select(table.c.decision_id).where(
            condition,
            table.c.decided_at == _of.decided_at,
            table.c.decision_id == _of.decision_id,
        )
    )


def _truth(value: bool) -> sa.ColumnElement[bool]:
    return sa.true() if value else sa.false()
