"""Inserts of many rows in SQLite: a few statements of many rows each.

For every row that SQLite steps through it lets go of the interpreter, and then waits to have it
back: row by row, the ledger's writer and the event loop would take it from each other.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from sekisho.adapters.sql.statements import Compiled, Row, Value

SIZES: Final = (64, 32, 16, 8, 4, 2, 1)
"""Rows a statement: few different texts, which the connection keeps prepared."""

_INSERT: Final = re.compile(
    r"(?P<head>INSERT INTO \w+ \([^)]*\) )(?:VALUES (?P<values>\(.*?\))|(?P<select>SELECT .*?))"
    r"(?P<conflict> ON CONFLICT .*?)?(?: RETURNING .*)?",
    re.DOTALL,
)

Rows = Sequence[Mapping[str, Value]]


def insert(connection: sqlite3.Connection, compiled: Compiled, rows: Rows) -> list[Row] | None:
    """Insert rows; return what the statement returns, or how many were written.

    None, with nothing done, where it has to be done row by row: it is no insert, or some of the
    rows were there, and only the rows themselves can tell which.
    """
    if len(rows) < 2 or _text(compiled.sql, 1) is None:
        return None
    if not compiled.returns:
        return [(_inserted(connection, compiled, rows),)]
    if not rows[0].keys() >= set(compiled.returning):
        return None
    connection.execute("SAVEPOINT together")
    every = _inserted(connection, compiled, rows) == len(rows)
    if not every:
        connection.execute("ROLLBACK TO together")
    connection.execute("RELEASE together")
    return [tuple(row[name] for name in compiled.returning) for row in rows] if every else None


def _inserted(connection: sqlite3.Connection, compiled: Compiled, rows: Rows) -> int:
    written = 0
    for some in _parts(rows):
        text = _text(compiled.sql, len(some)) or compiled.sql
        values = tuple(chain.from_iterable(map(compiled.pick, some)))
        written += connection.execute(text, values).rowcount
    return written


def _parts(rows: Rows) -> Iterator[Rows]:
    start = 0
    for size in SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@lru_cache(maxsize=256)
def _text(sql: str, count: int) -> str | None:
    """Return an insert for so many rows, without what it returns; None for what is none."""
    found = _INSERT.fullmatch(sql)
    if found is None:
        return None
    head, values, select, conflict = found.group("head", "values", "select", "conflict")
    if values:
        rows = f"VALUES {', '.join([values] * count)}"
    else:
        rows = " UNION ALL ".join([select] * count)
    return f"{head}{rows}{conflict or ''}"
