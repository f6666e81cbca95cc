"""Filling the desk's index with millions of cases, by the database itself.

A few thousand rows are made by the caller, and copied under numbers and times of their own.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from sekisho.adapters.sql.schema import review_case
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse

Row = Mapping[str, Any]
"""A row of review_case. What follows from its number is written over."""

_ID = {
    Dialect.SQLITE: "CAST(printf('%016d', {}) AS BLOB)",
    Dialect.POSTGRESQL: "convert_to(lpad(({})::text, 16, '0'), 'UTF8')",
}
_NUMBER = {
    Dialect.SQLITE: "replace(replace(printf('%08X', {}), '0', 'G'), '1', 'H')",
    Dialect.POSTGRESQL: "replace(replace(upper(lpad(to_hex({}), 8, '0')), '0', 'G'), '1', 'H')",
}
_SERIES = {
    Dialect.SQLITE: (
        "(WITH RECURSIVE s(n) AS (SELECT {0} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {1})"
        " SELECT n FROM s)"
    ),
    Dialect.POSTGRESQL: "(SELECT generate_series({0}::bigint, {1}::bigint - 1) AS n)",
}
_COLUMNS: Final = [column.name for column in review_case.columns]
_TABLES: Final = ("review_case", "review_identifier", "review_reason")


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows copied under the numbers from `first` until before `last`, decided at `start` (Unix
    ms) and `step` ms after the one before. Three have one line each: `line_of` is its number."""

    rows: Sequence[Row]
    first: int
    last: int
    start: int
    step: int
    lines: int


def line_of(number: int) -> bytes:
    """Return the fingerprint of a line by its number."""
    return f"{number:016}".encode()


def _statements(dialect: Dialect, copies: Copies) -> list[str]:
    """Return what copies the rows of `kind` and the codes of `fired`."""
    series = _SERIES[dialect].format(copies.first, copies.last)
    at = f"({copies.start} + s.n * {copies.step})"
    id_ = _ID[dialect].format("s.n")
    values = {
        "decision_id": id_,
        "decided_at": at,
        "expires_at": f"{at} + 1800000",
        "due_at": f"CASE WHEN k.queue > 1 THEN {at} + 86400000 END",
        "reviewed_at": f"CASE WHEN k.disposition > 0 THEN {at} + 600000 END",
        "case_number": _NUMBER[dialect].format("s.n * 2654435769 % 4294967296"),
    }
    picked = ", ".join(values.get(name, f"k.{name}") for name in _COLUMNS)
    line = _ID[dialect].format(f"s.n % {copies.lines}")
    where = f"FROM {series} s CROSS JOIN {{}} k WHERE k.n = s.n % {len(copies.rows)}"
    return [
        f"INSERT INTO review_case ({', '.join(_COLUMNS)}) SELECT {picked} {where.format('kind')}",
        "INSERT INTO review_identifier (fingerprint, decided_at, decision_id, role)"
        f" SELECT {line}, {at}, {id_}, 1 FROM {series} s",
        "INSERT INTO review_reason (code, decided_at, decision_id)"
        f" SELECT k.code, {at}, {id_} {where.format('fired')}",
    ]


def _rows(copies: Copies) -> tuple[list[tuple[Any, ...]], list[tuple[int, str]]]:
    kinds = [(n, *(row[name] for name in _COLUMNS)) for n, row in enumerate(copies.rows)]
    fired = [(n, code) for n, row in enumerate(copies.rows) for code in row["reasons"].split()]
    return kinds, fired


async def load(url: str, every: Sequence[Copies]) -> int:
    """Fill the empty index, its indexes made afterwards; return the database's size in bytes."""
    ledger = parse(url)
    if ledger.dialect is Dialect.SQLITE:
        return await asyncio.to_thread(_load_sqlite, ledger.path, every)
    return await _load_postgres(ledger.dsn, every)


def _load_sqlite(path: Path, every: Sequence[Copies]) -> int:
    connection = sqlite3.connect(path, isolation_level=None)
    run: Callable[[str], Any] = connection.execute
    run("PRAGMA synchronous=OFF")
    run("PRAGMA cache_size=-2000000")
    run("CREATE TEMP TABLE fired (n INTEGER, code TEXT)")
    run("CREATE INDEX temp.by_n ON fired (n)")
    run(f"CREATE TEMP TABLE kind (n INTEGER PRIMARY KEY, {', '.join(_COLUMNS)})")
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name LIKE 'review_%'"
    indexes = [(name, sql) for name, sql in run(query).fetchall() if sql]
    run("BEGIN")
    for name, _ in indexes:
        run(f'DROP INDEX "{name}"')
    for copies in every:
        run("DELETE FROM kind")
        run("DELETE FROM fired")
        kinds, fired = _rows(copies)
        places = ", ".join("?" * len(kinds[0]))
        connection.executemany(f"INSERT INTO kind VALUES ({places})", kinds)
        connection.executemany("INSERT INTO fired VALUES (?, ?)", fired)
        for sql in _statements(Dialect.SQLITE, copies):
            run(sql)
    for _, sql in indexes:
        run(sql)
    run("COMMIT")
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    size = run("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    found = int(size.fetchone()[0])
    connection.close()
    return found


async def _load_postgres(dsn: str, every: Sequence[Copies]) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        run = connection.execute
        await run("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
        await run("CREATE TEMP TABLE fired (n bigint, code text)")
        await run("CREATE TEMP TABLE kind AS SELECT 0::bigint AS n, c.* FROM review_case c")
        indexes = await connection.fetch(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)"
            " AND indexname NOT LIKE 'pk_%'",
            _TABLES,
        )
        for name, _ in indexes:
            await run(f'DROP INDEX "{name}"')
        for copies in every:
            await run("TRUNCATE kind, fired")
            kinds, fired = _rows(copies)
            copy = connection.copy_records_to_table
            await copy("kind", records=kinds, columns=["n", *_COLUMNS])
            await copy("fired", records=fired)
            await run("ANALYZE kind; ANALYZE fired")
            for sql in _statements(Dialect.POSTGRESQL, copies):
                await run(sql)
        for _, sql in indexes:
            await run(sql)
        await run("VACUUM ANALYZE")
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()
