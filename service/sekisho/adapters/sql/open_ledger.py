"""Opening the ledger by its URL, whether it is there or not."""

import asyncio

from sekisho.adapters.sql import migrate as migrations
from sekisho.adapters.sql.guarded import GuardedDatabase
from sekisho.adapters.sql.postgres import PostgresDatabase, open_postgres
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse


async def open_database(url: str, timeout: float) -> SqliteDatabase | PostgresDatabase:
    """Open a ledger's database as it is; nothing is connected yet.

    `timeout` seconds bounds every call. Raises FailedPreconditionError (LEDGER_URL).
    """
    ledger = parse(url)
    if ledger.dialect is Dialect.SQLITE:
        return SqliteDatabase(ledger.path, timeout)
    return await open_postgres(ledger.dsn, timeout)


async def open_ledger(url: str, timeout: float, *, migrate: bool) -> GuardedDatabase:
    """Open a ledger; nothing is connected before its `prepare`, which may migrate the schema.

    For the rest as `open_database`.
    """
    database = await open_database(url, timeout)

    async def prepare() -> None:
        await asyncio.to_thread(migrations.ensure, url, migrate=migrate)
        if isinstance(database, PostgresDatabase):
            await database.mend_feed()

    return GuardedDatabase(database, prepare)
