"""The orders of cases, as SQL and as keys."""

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from sekisho.adapters.sql.schema import review_case
from sekisho.application.ports.review import CaseOrder, Place

Column = sa.ColumnElement[Any]
_of = review_case.c


class Columns(Protocol):
    """What has the two columns that every index of cases ends with."""

    @property
    def decided_at(self) -> Column:
        """When it was decided, in Unix ms."""

    @property
    def decision_id(self) -> Column:
        """Which decision."""


def ordered(order: CaseOrder, by: Columns) -> Sequence[Column]:
    """Return what to order by. `by` has the columns of the index that is to be read."""
    if order is CaseOrder.RISK:
        oldest = by.decided_at.asc(), by.decision_id.asc()
        return _of.escalated.desc(), _of.risk.desc(), *oldest
    if order is CaseOrder.NEWEST:
        return by.decided_at.desc(), by.decision_id.desc()
    if order is CaseOrder.OLDEST:
        return by.decided_at.asc(), by.decision_id.asc()
    return _of.due_at.asc(), by.decision_id.asc()


def key(order: CaseOrder, case: Place) -> tuple[float | bytes, ...]:
    """Return what sorts cases in an order."""
    if order is CaseOrder.RISK:
        return not case.escalated, -case.risk, case.decided_at, case.decision_id
    if order is CaseOrder.NEWEST:
        return -case.decided_at, bytes(255 - each for each in case.decision_id)
    if order is CaseOrder.OLDEST:
        return case.decided_at, case.decision_id
    return case.due_at or 0, case.decision_id


def after(order: CaseOrder, case: Place, by: Columns) -> sa.ColumnElement[bool]:
    """Return the condition that a case comes after another; `by` as above."""
    oldest = _beyond(by.decided_at, case.decided_at, by, case)
    if order is CaseOrder.NEWEST:
        return sa.and_(
            by.decided_at <= case.decided_at,
            sa.or_(by.decided_at < case.decided_at, by.decision_id < case.decision_id),
        )
    if order is CaseOrder.OLDEST:
        return oldest
    if order is CaseOrder.DUE:
        return _beyond(_of.due_at, case.due_at or 0, by, case)
    # Each part begins with a bound that the index knows: what was passed is not read again.
    lower = sa.and_(_of.risk <= case.risk, sa.or_(_of.risk < case.risk, oldest))
    if case.escalated:
        return sa.or_(_of.escalated == sa.false(), sa.and_(_of.escalated == sa.true(), lower))
    return sa.and_(_of.escalated == sa.false(), lower)


def _beyond(column: Column, value: int, by: Columns, case: Place) -> sa.ColumnElement[bool]:
    return sa.and_(column >= value, sa.or_(column > value, by.decision_id > case.decision_id))
