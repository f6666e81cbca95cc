"""Opening a ledger's database by URL, and looking past the stores into its tables."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa

from sekisho.adapters.sql.postgres import PostgresDatabase, open_postgres
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Dialect, Row, Statement, Value
from sekisho.adapters.sql.url import parse

TIMEOUT = 10.0


@asynccontextmanager
async def opened(
    url: str, timeout: float = TIMEOUT
) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    """Open a migrated ledger."""
    ledger = parse(url)
    database: SqliteDatabase | PostgresDatabase
    if ledger.dialect is Dialect.SQLITE:
        database = SqliteDatabase(ledger.path, timeout)
    else:
        database = await open_postgres(ledger.dsn, timeout)
        await database.mend_feed()
    try:
        yield database
    finally:
        await database.close()


async def rows(database: Database, statement: sa.ClauseElement, **values: Value) -> Sequence[Row]:
    """Run a query of a test's own."""

    def script() -> Script[Sequence[Row]]:
        return (yield Statement(lambda _: statement)(**values))

    return await database.read(script)


async def run(database: Database, statement: sa.ClauseElement, **values: Value) -> None:
    """Run a change of a test's own."""

    def script() -> Script[None]:
        yield Statement(lambda _: statement)(**values)

    await database.write(script)


async def count(database: Database, table: sa.Table) -> int:
    """Return how many rows a table has."""
    return int((await rows(database, sa.select(sa.func.count()).select_from(table)))[0][0])
