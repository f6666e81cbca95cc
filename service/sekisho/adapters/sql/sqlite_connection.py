"""Connections to the SQLite file, and how a script runs on one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sekisho.adapters.sql import sqlite_rows
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Call, Dialect, Row

T = TypeVar("T")

WRITER_CACHE_KIB = 8_192
"""Pages that the writer keeps: request ids are random, and so are the pages that they go to."""
READER_CACHE_KIB = 2_048


def connect(path: Path, busy_timeout: float, *, writable: bool) -> sqlite3.Connection:
    """Open the file; `busy_timeout` seconds is how long to wait for another process's lock."""
    connection = sqlite3.connect(
        path,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        # FULL: a commit is on the disk before it is answered. In WAL mode NORMAL would not do.
        connection.execute("PRAGMA synchronous=FULL")
        cache = WRITER_CACHE_KIB if writable else READER_CACHE_KIB
        connection.execute(f"PRAGMA cache_size=-{cache}")
        if not writable:
            connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def execute(connection: sqlite3.Connection, call: Call) -> list[Row]:
    """Make a call and return its rows; for a change of many rows, how many were changed."""
    compiled = call.statement.compiled(Dialect.SQLITE)
    values = {**compiled.constants, **call.values} if compiled.constants else call.values
    if call.rows is None:
        return connection.execute(compiled.sql, compiled.pick(values)).fetchall()
    rows = [{**values, **row} for row in call.rows] if values else call.rows
    inserted = sqlite_rows.insert(connection, compiled, rows)
    if inserted is not None:
        return inserted
    if not compiled.returns:
        return [(connection.executemany(compiled.sql, map(compiled.pick, rows)).rowcount,)]
    found: list[Row] = []
    for row in rows:
        found += connection.execute(compiled.sql, compiled.pick(row))
    return found


def run(connection: sqlite3.Connection, script: Callable[[], Script[T]]) -> T:
    """Run a script to its end, within the transaction that the caller began."""
    steps = script()
    try:
        call = next(steps)
        while True:
            call = steps.send(execute(connection, call))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
