"""Opening the ledger by its URL, whether it is there or not."""

import asyncio

from sekisho.adapters.sql import migrate as migrations
from sekisho.adapters.sql.guarded import GuardedDatabase
from sekisho.adapters.sql.postgres import open_postgres
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse


async def open_ledger(url: str, timeout: float, *, migrate: bool) -> GuardedDatabase:
    """Open a ledger; nothing is connected before its `prepare`, which may migrate the schema.

    `timeout` seconds bounds every call. Raises FailedPreconditionError (LEDGER_URL).
    """
    ledger = parse(url)

    async def ensure() -> None:
        await asyncio.to_thread(migrations.ensure, url, migrate=migrate)

    if ledger.dialect is Dialect.SQLITE:
        return GuardedDatabase(SqliteDatabase(ledger.path, timeout), ensure)
    postgres = await open_postgres(ledger.dsn, timeout)

    async def ensure_and_mend() -> None:
        await ensure()
        await postgres.mend_feed()

    return GuardedDatabase(postgres, ensure_and_mend)
