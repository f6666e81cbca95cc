"""Numbers that only grow."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema import counter
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Statement


def _next(dialect: Dialect) -> sa.ClauseElement:
    first = dialect.insert(counter).values(name=sa.bindparam("name", type_=sa.Text), value=1)
    return first.on_conflict_do_update(
        index_elements=["name"], set_={"value": counter.c.value + 1}
    ).returning(counter.c.value)


_NEXT = Statement(_next)
_VALUE = Statement(
    lambda _: sa.select(counter.c.value).where(
        counter.c.name == sa.bindparam("name", type_=sa.Text)
    )
)


def following(name: str) -> Script[int]:
    """Raise a number by one, and return it; the first is 1."""
    rows = yield _NEXT(name=name)
    return int(rows[0][0])


def value(name: str) -> Script[int]:
    """Return a number; 0 before the first."""
    rows = yield _VALUE(name=name)
    return int(rows[0][0]) if rows else 0


_TOUCH = Statement(lambda _: sa.update(counter).values(value=counter.c.value))


def touch() -> Script[None]:
    """Write these few numbers as they are: whoever can do that can write."""
    yield _TOUCH()
