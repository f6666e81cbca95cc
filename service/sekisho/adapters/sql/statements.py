"""A statement, written once as a SQLAlchemy construct and compiled once for each dialect.

The hot path cannot afford SQLAlchemy's own execution, which costs more than the database:
drivers get the compiled text, and values in the drivers' own types.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from sekisho.domain.value import value

Value = bool | int | float | str | bytes | None
Row = tuple[Any, ...]
"""What drivers return. The types are known only to who wrote the statement."""
Rows = Sequence[Row]
Keys = Mapping[str, sa.ColumnElement[Any]]
"""The values of one row of a call, by name."""

ORDINAL = "ordinal"
"""The key that numbers the rows of one call from 1; PostgreSQL only."""


class Dialect(Enum):
    """The two databases."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"

    def insert(self, table: sa.Table) -> "sqlite.Insert | postgresql.Insert":
        """Begin an INSERT that knows ON CONFLICT."""
        if self is Dialect.SQLITE:
            return sqlite.insert(table)
        return postgresql.insert(table)

    def keys(self, *columns: sa.Column[Any]) -> Keys:
        """Return the values of a call's rows, typed and named as these columns.

        In SQLite one row at a time, as parameters: there is no round trip to save. In
        PostgreSQL all at once, as arrays.
        """
        if self is Dialect.SQLITE:
            return {c.name: sa.bindparam(c.name, type_=c.type) for c in columns}
        arrays = [sa.bindparam(c.name, type_=postgresql.ARRAY(c.type)) for c in columns]
        typed = [sa.column(c.name, c.type) for c in columns]
        rows = sa.func.unnest(*arrays).table_valued(*typed, with_ordinality=ORDINAL)
        return dict(rows.render_derived(name="key_rows").columns.items())


class Compiled:
    """The text for one dialect; `arrays` are the names that take a value of every row."""

    __slots__ = ("arrays", "constants", "names", "pick", "returning", "returns", "sql")

    def __init__(self, compiled: SQLCompiler, selects: bool) -> None:
        binds = compiled.binds
        self.sql = str(compiled)
        self.names = tuple(compiled.positiontup or ())
        self.constants: Mapping[str, Value] = {
            name: value for name, value in compiled.params.items() if value is not None
        }
        self.arrays = frozenset(n for n, b in binds.items() if isinstance(b.type, sa.ARRAY))
        self.returning = tuple(str(c.key) for c in compiled.effective_returning or ())
        """The columns of the rows that a change returns."""
        self.returns = selects or bool(self.returning)
        """Whether it has rows to return."""
        self.pick = _picker(self.names)
        """Puts values in the order of `names`."""


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Value]], tuple[Value, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


class Statement:
    """A statement in both dialects, compiled when first used."""

    __slots__ = ("_build", "_compiled")

    def __init__(self, build: Callable[[Dialect], sa.ClauseElement]) -> None:
        self._build = build
        self._compiled: dict[Dialect, Compiled] = {}

    def __call__(self, **values: Value) -> "Call":
        """Return the call with these values."""
        return Call(self, values, None)

    def each(self, rows: Sequence[Mapping[str, Value]], **values: Value) -> "Call":
        """Return the call for all these rows, which have `values` in common.

        The answer has the rows of all of them, in no particular order.
        """
        return Call(self, values, rows)

    def compiled(self, dialect: Dialect) -> Compiled:
        """Return the text for a dialect."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = _compile(self._build(dialect), dialect)
        return found


@value
class Call:
    """A statement with its values: one execution, or one for each of `rows`."""

    statement: Statement
    values: Mapping[str, Value]
    rows: Sequence[Mapping[str, Value]] | None


def one_off(clause: sa.SelectBase) -> Call:
    """Return a call whose values stand in the statement: what has too many forms to keep."""
    return Statement(lambda _: clause)()


_DIALECTS: Mapping[Dialect, sa.engine.Dialect] = {
    Dialect.SQLITE: sqlite.dialect(paramstyle="qmark"),
    Dialect.POSTGRESQL: asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


def _compile(clause: sa.ClauseElement, dialect: Dialect) -> Compiled:
    compiled = cast(SQLCompiler, clause.compile(dialect=_DIALECTS[dialect]))
    return Compiled(compiled, isinstance(clause, sa.SelectBase))


def insert_each(
    table: sa.Table,
    *,
    unless: Sequence[str] = (),
    returning: Sequence[str] = (),
    replacing: Sequence[str] = (),
    counting: bool = False,
    condition: Callable[[Keys], sa.ColumnElement[bool]] | None = None,
    seq: Callable[[Keys], sa.ColumnElement[int]] | None = None,
) -> Statement:
    """Build an INSERT of rows with all of a table's columns.

    `unless`: columns whose conflict leaves the row out, or, with `replacing`, replaces those
    columns. `counting`: return one row, with how many rows were written. `condition` leaves out
    rows of which it does not hold. `seq` makes a feed's row number in PostgreSQL; SQLite counts
    by itself.
    """

    def build(dialect: Dialect) -> sa.ClauseElement:
        columns = [c for c in table.columns if seq is None or c.name != "seq"]
        keys = dialect.keys(*columns)
        values: dict[str, sa.ColumnElement[Any]] = {c.name: keys[c.name] for c in columns}
        if seq is not None:
            values["seq"] = seq(keys) if dialect is Dialect.POSTGRESQL else sa.null()
        inserting = dialect.insert(table)
        if dialect is Dialect.SQLITE and condition is None:
            statement = inserting.values(values)
        else:
            # WHERE even where it is always true: without it SQLite takes ON CONFLICT for a join.
            holds = condition(keys) if condition else sa.true()
            rows = sa.select(*values.values()).where(holds)
            if dialect is Dialect.POSTGRESQL:
                # A join would take them in an order of its own: the first of two of a kind must
                # win, and two workers that insert the same rows must not wait for each other.
                rows = rows.order_by(keys[ORDINAL])
            statement = inserting.from_select(list(values), rows)
        if replacing:
            statement = statement.on_conflict_do_update(
                index_elements=list(unless),
                set_={name: statement.excluded[name] for name in replacing},
            )
        elif unless:
            statement = statement.on_conflict_do_nothing(index_elements=list(unless))
        if returning:
            return statement.returning(*(table.c[name] for name in returning))
        if counting and dialect is Dialect.POSTGRESQL:
            written = statement.returning(sa.literal_column("1")).cte("written")
            return sa.select(sa.func.count()).select_from(written)
        # Unless told, it would return the number of each row, for nobody.
        return statement.inline()

    return Statement(build)
