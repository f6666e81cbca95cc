"""The range of decisions that figures are of, and its days in Japan."""

from collections.abc import Iterator

import sqlalchemy as sa

from sekisho.adapters.sql.schema import review_case
from sekisho.adapters.sql.statements import Dialect, Statement
from sekisho.adapters.sql.usual_rates import day_of, start_of
from sekisho.domain.value import value

_SMALL = 0.05
"""Share of all decisions up to which they are sought by their time; of more it is faster to walk
along the index that has them in their groups."""

_JAPAN_AHEAD_MS = -start_of(0)
_DAY_MS = start_of(1) - start_of(0)

_of = review_case.c
Condition = sa.ColumnElement[bool]


@value
class Range:
    """Decisions made from `start` until before `end` (Unix ms), of one shop, or of all."""

    start: int
    end: int
    shop: str

    @property
    def where(self) -> tuple[Condition, ...]:
        """Their condition."""
        return (_of.decided_at >= self.start, _of.decided_at < self.end, *self._here)

    def where_in_groups(self, dialect: Dialect, *, small: bool) -> tuple[Condition, ...]:
        """Return their condition where all of them are grouped."""
        return self.where if small else (*self.of(dialect, _of.decided_at), *self._here)

    def of(self, dialect: Dialect, moment: sa.ColumnElement[int]) -> tuple[Condition, ...]:
        """Return the condition that a moment is in the range.

        SQLite shall not seek them by it: it would have to sort them into their groups. PostgreSQL
        hashes them, and knows best how to find them.
        """
        if dialect is Dialect.SQLITE:
            moment = moment + sa.literal_column("0")
        return (moment >= self.start, moment < self.end)

    @property
    def _here(self) -> tuple[Condition, ...]:
        return (_of.shop == self.shop,) if self.shop else ()

    def is_small(self, first: int | None, now: int) -> bool:
        """Whether it is a small part of what there is since the `first` decision."""
        return bool(self.shop) or first is None or self.end - self.start < (now - first) * _SMALL

    def day_of(self, moment: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        """Return the day of a moment: days since 1970-01-01 in Japan."""
        ahead = sa.literal_column(str(_JAPAN_AHEAD_MS), sa.BigInteger)
        return (moment + ahead) // sa.literal_column(str(_DAY_MS), sa.BigInteger)

    def days(self) -> Iterator[tuple[int, int, int]]:
        """Yield each of its days, where it begins, and before what it ends (Unix ms)."""
        for day in range(day_of(self.start), day_of(self.end - 1) + 1):
            yield day, max(start_of(day), self.start), min(start_of(day + 1), self.end)

    def count_each(self) -> Statement:
        """Return what counts the decisions of each of several days."""

        def build(dialect: Dialect) -> sa.Select[tuple[int, int]]:
            keys = dialect.keys(
                sa.column("day", sa.BigInteger),  # type: ignore[arg-type]
                sa.column("begins", sa.BigInteger),  # type: ignore[arg-type]
                sa.column("ends", sa.BigInteger),  # type: ignore[arg-type]
            )
            count = (
                sa.select(sa.func.count())
                .select_from(review_case)
                .where(_of.decided_at >= keys["begins"], _of.decided_at < keys["ends"], *self._here)
            )
            return sa.select(keys["day"], count.scalar_subquery())

        return Statement(build)
