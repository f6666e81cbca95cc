"""Row numbers of the feeds: readers never miss a row, though transactions overlap.

In SQLite one transaction writes at a time, so the rowid is in the order of commits. In
PostgreSQL a number drawn earlier may be committed later, so a sequence will not do. There the
number is the transaction's own id, followed by the row's place in the transaction. A reader
stops before the oldest transaction that is still running: all ids below it have ended, so
nothing can appear there any more. Two functions of the schema make both numbers.
"""

from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.schema import (
    counter,
    decision,
    decision_event,
    line_change,
    review_change,
    review_trail,
)
from sekisho.adapters.sql.statements import ORDINAL, Dialect, Keys, Statement

_BITS = 11
MOST_ROWS = (1 << _BITS) - 1
"""Rows of one feed in one transaction at most. 42 bits remain for transactions where a
reader keeps numbers as doubles: over a century at a thousand a second."""

BASE = "feed_base"
_FEEDS = (decision, decision_event, line_change, review_change, review_trail)


def seq_of_row(keys: Keys) -> sa.ColumnElement[int]:
    """Return the number of a row among the rows of one call; PostgreSQL only."""
    return sa.func.feed_seq(keys[ORDINAL], type_=sa.BigInteger)


def readable(dialect: Dialect, table: sa.Table) -> sa.ColumnElement[bool]:
    """Return the condition that a row's place is final and nothing can appear before it."""
    if dialect is Dialect.SQLITE:
        return sa.true()
    return table.c.seq < sa.func.feed_bound(type_=sa.BigInteger)


def _mend_feed(_dialect: Dialect) -> sa.Update:
    greatest: sa.ColumnElement[Any] = sa.func.greatest(
        *(sa.select(sa.func.max(feed.c.seq)).scalar_subquery() for feed in _FEEDS)
    )
    behind = (sa.func.coalesce(greatest, 0) - sa.func.feed_seq(0)).op(">>")(_BITS) + 1
    return (
        sa.update(counter)
        .where(counter.c.name == BASE, behind > 0)
        .values(value=counter.c.value + behind)
    )


MEND_FEED = Statement(_mend_feed)
"""Makes PostgreSQL's numbers go on after the greatest there is.

A ledger restored into another cluster meets lower transaction ids. The statement's own id is
above that of every row that it sees, so otherwise it changes nothing.
"""
