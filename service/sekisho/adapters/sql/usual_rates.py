"""Usual rates: tries a day of each shop, counted once for each day that is over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.fingerprint_pool import read_try
from sekisho.adapters.sql.schema import counted_day, decision, shop_day
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.standings import read_decision_detail
from sekisho.adapters.sql.statements import Rows, Statement, insert_each
from sekisho.application.ports.shops import UsualRate
from sekisho.domain.velocity import DAY_MS, HOUR_MS, Dimension

KEPT_DAYS = 28
_JAPAN_MS = 9 * HOUR_MS
"""Japan's clocks are nine hours ahead, all year and since 1952."""

MARGIN_MS = 60_000
"""A day is over when nothing of it is still being committed; and rows stand in the order of
commits, which differs from that of their times by less."""

_PAGE = 200

_seq = sa.bindparam("seq", type_=sa.BigInteger)
_day = sa.bindparam("day", type_=sa.Integer)

_ENDS = Statement(
    # Each by itself: asked for both at once, SQLite reads the whole table.
    lambda _: sa.select(
        sa.select(sa.func.min(decision.c.seq)).scalar_subquery(),
        sa.select(sa.func.max(decision.c.seq)).scalar_subquery(),
    )
)
_FROM = Statement(
    lambda _: (
        sa.select(decision.c.seq, decision.c.decided_at)
        .where(decision.c.seq >= _seq)
        .order_by(decision.c.seq)
        .limit(1)
    )
)
_PAGE_OF = Statement(
    lambda _: (
        sa.select(decision.c.seq, decision.c.decided_at, decision.c.shop, decision.c.detail)
        .where(decision.c.seq >= _seq, decision.c.seq <= sa.bindparam("last", type_=sa.BigInteger))
        .order_by(decision.c.seq)
        .limit(_PAGE)
    )
)
_COUNTED = Statement(lambda _: sa.select(counted_day.c.day))
_CLAIM = insert_each(counted_day, unless=("day",), returning=("day",))
_KEEP = insert_each(shop_day)
_FORGET = Statement(lambda _: sa.delete(shop_day).where(shop_day.c.day <= _day))


def _sums(_dialect: object) -> sa.Select[Any]:
    return sa.select(
        shop_day.c.shop,
        sa.func.min(shop_day.c.day),
        sa.cast(sa.func.sum(shop_day.c.tries), sa.BigInteger),
        sa.cast(sa.func.sum(shop_day.c.clerks), sa.BigInteger),
    ).group_by(shop_day.c.shop)


_SUMS = Statement(_sums)
_LAST = Statement(lambda _: sa.select(sa.func.max(counted_day.c.day)))


def day_of(at: int) -> int:
    """Return the day in Japan of a moment (Unix ms): days since 1970-01-01."""
    return (at + _JAPAN_MS) // DAY_MS


def start_of(day: int) -> int:
    """Return the moment (Unix ms) at which a day begins in Japan."""
    return day * DAY_MS - _JAPAN_MS


def uncounted(now: int) -> Script[Sequence[int]]:
    """Return the past days that are not counted yet, of those that are kept."""
    ends = yield _ENDS()
    if ends[0][0] is None:
        return ()
    first = yield _FROM(seq=ends[0][0])
    today = day_of(now - MARGIN_MS)
    counted = {row[0] for row in (yield _COUNTED())}
    begin = max(day_of(first[0][1]), today - KEPT_DAYS)
    return [day for day in range(begin, today) if day not in counted]


async def tries_of(database: Database, day: int) -> Mapping[str, tuple[int, int]]:
    """Return each shop's tries of a day, and how many clerks made them.

    Page by page: a busy day has hundreds of thousands, and others wait for their turn.
    """
    start, end = start_of(day), start_of(day + 1)
    first, last = await database.read(partial(_places, start, end))
    tries: Counter[str] = Counter()
    clerks: dict[str, set[bytes]] = {}
    while first <= last:
        rows = await database.read(partial(_page, first, last))
        for _, decided_at, shop, content in rows:
            if start <= decided_at < end:
                tries[shop] += 1
                clerks.setdefault(shop, set()).update(_clerks(content))
        if len(rows) < _PAGE:
            break
        first = rows[-1][0] + 1
    return {shop: (count, max(1, len(clerks[shop]))) for shop, count in tries.items()}


def keep(day: int, counts: Mapping[str, tuple[int, int]]) -> Script[bool]:
    """Keep a day's counts and forget those too old; False where the day was counted before."""
    if not (yield _CLAIM.each([{"day": day}])):
        return False
    yield _KEEP.each(
        [
            {"day": day, "shop": shop, "tries": tries, "clerks": clerks}
            for shop, (tries, clerks) in counts.items()
        ]
    )
    yield _FORGET(day=day - KEPT_DAYS)
    return True


def rates() -> Script[Mapping[str, UsualRate]]:
    """Return each shop's usual rates, over the days since it was first asked."""
    rows = yield _LAST()
    last = rows[0][0]
    sums = yield _SUMS()
    return {
        shop: UsualRate(tries / (last - first + 1), tries / clerks)
        for shop, first, tries, clerks in sums
    }


def _clerks(content: bytes) -> Sequence[bytes]:
    detail = read_decision_detail(content)
    keys = read_try(detail.attempt, detail.fingerprints, 0).keys
    return [fingerprint for dimension, fingerprint in keys if dimension is Dimension.CLERK]


def _page(first: int, last: int) -> Script[Rows]:
    return (yield _PAGE_OF(seq=first, last=last))


def _places(start: int, end: int) -> Script[tuple[int, int]]:
    """Return the first and last row that may lie between two moments.

    By halving: rows are nearly in the order of their times, and an index would cost every
    decision its bytes.
    """
    ends = yield _ENDS()
    low, high = ends[0]
    first = yield from _halve(low, high, start - MARGIN_MS)
    last = yield from _halve(low, high, end + MARGIN_MS)
    return first, last


def _halve(low: int, high: int, moment: int) -> Script[int]:
    """Return a row number before which all rows are from before the moment, about."""
    while low < high:
        middle = (low + high) // 2
        rows = yield _FROM(seq=middle)
        seq, decided_at = rows[0]
        if decided_at < moment:
            low = seq + 1
        else:
            high = middle
    return low
