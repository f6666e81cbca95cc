"""Bringing the ledger's schema up to date. Safe when several processes begin at once.

All functions block: call them from a thread where a loop runs. They raise
LedgerUnavailableError, and FailedPreconditionError with the reasons SCHEMA_BEHIND and
SCHEMA_AHEAD.

A ledger whose schema is this build's is found to be so without Alembic: it and what it needs are
14 MiB and a quarter of a second, which only a migration pays for.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from sekisho.adapters.sql.driver_errors import AWAY, translated
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import LedgerUrl, parse
from sekisho.domain.errors import FailedPreconditionError, LedgerUnavailableError

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

_MIGRATIONS = Path(__file__).parent / "migrations"
_KNOWN = tuple(sorted(file.stem[1:5] for file in (_MIGRATIONS / "versions").glob("r*.py")))
"""The revisions of this build, oldest first: each file's name begins with its own."""
_REVISION = "SELECT version_num FROM alembic_version"
_LOCK_WAIT_SECONDS = 60
_CONNECT_SECONDS = 5
_LOOK_SECONDS = 5
"""How long a look at the schema may take: a server may accept and never answer."""
_ADVISORY_LOCK = 0x53656B6973686F
"""Of one migrating process among all that share a PostgreSQL database."""


def upgrade(url: str) -> str:
    """Create or migrate the schema to this build's revision, which is returned.

    One transaction does all of it or nothing; a second process waits, and finds it done.
    """
    return _connected(parse(url), _upgrade)


def current(url: str) -> str | None:
    """Return the revision that the ledger's schema has; None where there is none."""
    ledger = parse(url)
    try:
        if ledger.dialect is Dialect.POSTGRESQL:
            return asyncio.run(_postgres_revision(ledger.dsn))
        return _sqlite_revision(ledger.path) if ledger.path.exists() else None
    except (*AWAY, asyncpg.PostgresError, sqlite3.Error, ValueError) as error:
        raise translated(error) or LedgerUnavailableError("the ledger did not answer") from None


def latest() -> str:
    """Return the revision that this build needs."""
    return _KNOWN[-1]


def ensure(url: str, *, migrate: bool) -> None:
    """Make sure that the schema is this build's, or refuse.

    SQLite is migrated at once: the file has one owner. PostgreSQL only with `migrate`: other
    workers may still run the build before this one.
    """
    found = current(url)
    if found == latest():
        return
    if migrate or parse(url).dialect is Dialect.SQLITE:
        upgrade(url)
        return
    _refuse_later(found)
    raise FailedPreconditionError(
        f"the ledger's schema is at {found or 'nothing'}, and this build needs {latest()}:"
        " run `sekisho migrate`, or set SEKISHO_MIGRATE=true",
        "SCHEMA_BEHIND",
    )


def _refuse_later(found: str | None) -> None:
    if found is not None and found not in _KNOWN:
        raise FailedPreconditionError(
            f"the ledger's schema is at {found}, which is later than this build knows:"
            " run the build that made it, or a newer one",
            "SCHEMA_AHEAD",
        )


def _sqlite_revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path, _LOOK_SECONDS)) as file:
        if not file.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
        ).fetchall():
            return None
        rows = file.execute(_REVISION).fetchall()
        return str(rows[0][0]) if rows else None


async def _postgres_revision(dsn: str) -> str | None:
    connection = await asyncpg.connect(dsn, timeout=_CONNECT_SECONDS, command_timeout=_LOOK_SECONDS)
    try:
        if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
            return None
        found = await connection.fetchval(_REVISION)
        return None if found is None else str(found)
    finally:
        connection.terminate()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _upgrade(connection: sa.Connection) -> str:
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    if connection.dialect.name == "postgresql":
        lock = sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK))
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT_SECONDS}s'"))
        connection.execute(lock)
    _refuse_later(MigrationContext.configure(connection).get_current_revision())
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return latest()


def _connected(ledger: LedgerUrl, work: Callable[[sa.Connection], T]) -> T:
    """Run `work` in one transaction."""
    try:
        if ledger.dialect is Dialect.SQLITE:
            return _in_sqlite(ledger.path, work)
        return asyncio.run(_in_postgres(ledger.dsn, work))
    except DBAPIError as error:
        cause = error.orig.__cause__ or error.orig if error.orig else error
        raise translated(cause) or LedgerUnavailableError("the ledger did not answer") from None
    except (*AWAY, asyncpg.PostgresError, ValueError) as error:
        raise translated(error) or LedgerUnavailableError("the ledger did not answer") from None


def _in_sqlite(path: Path, work: Callable[[sa.Connection], T]) -> T:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": _LOCK_WAIT_SECONDS, "isolation_level": None},
    )
    with engine.connect() as connection:
        # The mode stays in the file: readers and the writer do not wait for each other.
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        # The driver itself would begin too late, and without the lock.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            result = work(connection)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
        return result


async def _in_postgres(dsn: str, work: Callable[[sa.Connection], T]) -> T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(
        "postgresql+asyncpg://",
        poolclass=NullPool,
        async_creator=lambda: asyncpg.connect(dsn, timeout=_CONNECT_SECONDS),
    )
    async with engine.begin() as connection:
        return await connection.run_sync(work)
