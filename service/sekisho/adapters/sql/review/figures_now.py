"""Figures of what is now: how long what waits has waited, how old the watchlists are."""

import sqlalchemy as sa

from sekisho.adapters.sql.review.conditions import in_queue
from sekisho.adapters.sql.schema import review_case, watchlist
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Statement, one_off
from sekisho.domain.figures import QueueAge
from sekisho.domain.review import Queue

_of = review_case.c

_WATCHLISTS = Statement(
    lambda _: sa.select(watchlist.c.id, watchlist.c.updated_at, watchlist.c.entry_count).order_by(
        watchlist.c.id
    )
)


def queue_ages(shop: str, now: int) -> Script[list[QueueAge]]:
    """Return how long what waits has waited, of one shop or of all, by queue."""
    ages = []
    for queue in (each for each in Queue if each is not Queue.NONE):
        where = [in_queue(queue), *([_of.shop == shop] if shop else [])]
        ends = sa.select(sa.func.count(), sa.func.min(_of.decided_at)).where(*where)
        count, oldest = (yield one_off(ends))[0]
        if not count:
            ages.append(QueueAge(queue, 0, 0, 0))
            continue
        half = sa.select(_of.decided_at).where(*where).order_by(_of.decided_at)
        middle = (yield one_off(half.offset(count // 2).limit(1)))[0][0]
        ages.append(QueueAge(queue, count, now - oldest, now - middle))
    return ages


def watchlist_ages() -> Script[list[tuple[str, int, int]]]:
    """Return each watchlist's id, when its version came to count, and its entries."""
    return [(id_, at, entries) for id_, at, entries in (yield _WATCHLISTS())]
