"""Figures, counted where the rows are: a year of them never leaves the ledger.

Most decisions are an ALLOW of which there is nothing to say but that it was made. They are
counted along indexes alone; the sums are of the noted ones, which have a small index of their
own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.review.figures_now import queue_ages, watchlist_ages
from sekisho.adapters.sql.review.figures_range import Range
from sekisho.adapters.sql.schema import review_case, review_reason
from sekisho.adapters.sql.schema.review import NOTED
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Row, Statement, Value, one_off
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.figures import Counted, Counts, Figures, Times, beside_peers, rules_of
from sekisho.domain.review import Disposition

MOST_PEERS = 200

_of = review_case.c


def _sum(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _found(disposition: Disposition) -> sa.ColumnElement[int]:
    return _sum(_of.disposition == codes.DISPOSITION.number[disposition])


_SUMS: Sequence[sa.ColumnElement[Any]] = (
    _sum(_of.verdict == codes.VERDICT.number[Verdict.STEP_UP]),
    _sum(_of.degraded),
    _sum(_of.state == codes.STATE.number[DecisionState.STEP_UP_FAILED]),
    _sum(_of.override),
    _sum(_of.review == 1),
    _sum(_of.review == 2),
    _found(Disposition.CONFIRMED_FRAUD),
    _found(Disposition.SUSPECTED),
    _found(Disposition.LEGITIMATE),
    _sum(_of.missed),
)
"""In the order of Counts, behind the number of decisions."""


def figures(start: int, end: int, shop: str, now: int) -> Script[Figures]:
    """Return the figures of the decisions made from `start` until before `end` (Unix ms), of one
    shop or of all."""
    span = Range(start, end, shop)
    days = yield from _days(span)
    clerks = yield from _clerks(span, now)
    return Figures(
        counts=_together(counts for _, counts in days),
        days=days,
        rules=rules_of((yield from _rules(span))),
        shops=beside_peers(_shops(clerks), MOST_PEERS),
        clerks=beside_peers([each for each in clerks if each.clerk], MOST_PEERS),
        time_to_decision=(yield from _times(span)),
        queue_ages=(yield from queue_ages(shop, now)),
        watchlists=(yield from watchlist_ages()),
    )


def _days(span: Range) -> Script[list[tuple[str, Counts]]]:
    noted = yield from _ask(
        sa.select(span.day_of(_of.decided_at), *_SUMS)
        .where(*span.where, NOTED)
        .group_by(span.day_of(_of.decided_at))
    )
    sums = {row[0]: row[1:] for row in noted}
    # Day by day along the index: grouping would sort every decision there is.
    rows: list[dict[str, Value]] = [
        {"day": day, "begins": begins, "ends": ends} for day, begins, ends in span.days()
    ]
    counted = yield span.count_each().each(rows)
    decisions = {day: int(count) for day, count in counted}
    first = date(1970, 1, 1)
    return [
        (
            (first + timedelta(days=day)).isoformat(),
            _counts(decisions[day], sums.get(day)),
        )
        for day in sorted(decisions)
    ]


def _clerks(span: Range, now: int) -> Script[list[Counted]]:
    """Return what was counted of each clerk; without one what no clerk is known of."""
    noted = yield from _ask(
        sa.select(_of.shop, _of.clerk, *_SUMS)
        .where(*span.where, NOTED)
        .group_by(_of.shop, _of.clerk)
    )
    sums = {(row[0], bytes(row[1])): row[2:] for row in noted}
    ends = yield from _ask(sa.select(sa.func.min(_of.decided_at)))
    small = span.is_small(ends[0][0], now)
    of_clerk = (_of.clerk, _of.shop, _of.clerk_masked)
    by_clerk = yield Statement(
        lambda dialect: (
            sa.select(*of_clerk, sa.func.count())
            .where(*span.where_in_groups(dialect, small=small))
            .group_by(*of_clerk)
        )
    )()
    return [
        Counted(shop, _counts(count, sums.get((shop, bytes(clerk)))), bytes(clerk), masked)
        for clerk, shop, masked, count in by_clerk
    ]


def _rules(span: Range) -> Script[Iterable[tuple[str, Disposition | None, int]]]:
    """Return codes with a space between, what was found, and of how many decisions.

    What was found is known of few. How often a rule fired at all is counted apart, code by code.
    """
    known = yield from _ask(
        sa.select(_of.reasons, _of.disposition, sa.func.count())
        .where(*span.where, _of.reasons != "", _of.disposition > sa.literal_column("0"))
        .group_by(_of.reasons, _of.disposition)
    )
    found = [
        (reasons, codes.DISPOSITION.word[disposition], int(count))
        for reasons, disposition, count in known
    ]
    if span.shop:
        rows = yield from _ask(
            sa.select(_of.reasons, sa.func.count())
            .where(*span.where, _of.reasons != "")
            .group_by(_of.reasons)
        )
    else:
        rows = yield Statement(
            lambda dialect: (
                sa.select(review_reason.c.code, sa.func.count())
                .where(*span.of(dialect, review_reason.c.decided_at))
                .group_by(review_reason.c.code)
            )
        )()
    fired: Counter[str] = Counter()
    for reasons, count in rows:
        fired.update(dict.fromkeys(reasons.split(), int(count)))
    for reasons, _, count in found:
        fired.subtract(dict.fromkeys(reasons.split(), count))
    return [*found, *((code, None, count) for code, count in fired.items())]


def _times(span: Range) -> Script[Times]:
    """Return how long analysts took: by rank, for SQLite knows no percentiles."""
    took = _of.reviewed_at - _of.decided_at
    reviewed = (*span.where, NOTED, _of.review > sa.literal_column("0"))
    count = int((yield from _ask(sa.select(sa.func.count()).where(*reviewed)))[0][0])
    if not count:
        return Times()
    shares = []
    for percent in (50, 90, 99):
        # The first of which that share is no longer: rounded up, counted from 0.
        rank = -(-count * percent // 100) - 1
        at = sa.select(took).where(*reviewed).order_by(took).offset(rank).limit(1)
        shares.append(int((yield from _ask(at))[0][0]))
    return Times(count, *shares)


def _shops(clerks: Iterable[Counted]) -> list[Counted]:
    by_shop: dict[str, list[Counts]] = {}
    for each in clerks:
        by_shop.setdefault(each.shop, []).append(each.counts)
    return [Counted(shop, _together(counts)) for shop, counts in by_shop.items()]


_NAMES = tuple(field.name for field in fields(Counts))


def _together(counts: Iterable[Counts]) -> Counts:
    rows = [tuple(getattr(each, name) for name in _NAMES) for each in counts]
    return Counts(*map(sum, zip(*rows, strict=True))) if rows else Counts()


def _counts(decisions: int, sums: Row | None) -> Counts:
    return Counts(int(decisions), *map(int, sums or ()))


def _ask(clause: sa.SelectBase) -> Script[Sequence[Row]]:
    return (yield one_off(clause))
