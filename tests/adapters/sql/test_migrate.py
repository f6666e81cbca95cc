import asyncio
import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from sekisho.adapters.sql import migrate
from sekisho.adapters.sql.schema import metadata
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse
from sekisho.domain.errors import FailedPreconditionError, LedgerUnavailableError
from tests.support.postgres import Postgres


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.url(postgres.new_database())


both = pytest.mark.parametrize("empty_url", ["sqlite", "postgres"], indirect=True)


def inspected(url: str, look: Callable[[sa.Connection], object]) -> object:
    """Look at a database through SQLAlchemy, which the service does not."""
    ledger = parse(url)
    if ledger.dialect is Dialect.SQLITE:
        with sa.create_engine(url).connect() as connection:
            return look(connection)

    async def run() -> object:
        engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
        async with engine.connect() as connection:
            found = await connection.run_sync(look)
        await engine.dispose()
        return found

    return asyncio.run(run())


def changed(url: str, sql: str) -> None:
    """Change a database behind the service's back."""

    def change(connection: sa.Connection) -> None:
        connection.execute(sa.text(sql))
        connection.commit()

    inspected(url, change)


def differences(connection: sa.Connection) -> object:
    return compare_metadata(
        MigrationContext.configure(connection, opts={"compare_type": True}), metadata
    )


@both
def test_an_empty_database_is_migrated_to_this_builds_revision(empty_url: str) -> None:
    assert migrate.current(empty_url) is None
    assert migrate.upgrade(empty_url) == migrate.latest()
    assert migrate.current(empty_url) == migrate.latest()
    assert migrate.upgrade(empty_url) == migrate.latest()


@both
def test_the_migrated_schema_is_the_one_that_statements_are_written_for(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert inspected(empty_url, differences) == []


@both
def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as processes:
        assert processes.map(migrate.upgrade, [empty_url] * 3) == [migrate.latest()] * 3
    assert inspected(empty_url, differences) == []


@both
def test_a_migration_that_fails_changes_nothing(empty_url: str) -> None:
    # In the way of the last.
    changed(empty_url, "CREATE TABLE shop (id integer)")
    with pytest.raises(LedgerUnavailableError):
        migrate.upgrade(empty_url)
    assert migrate.current(empty_url) is None
    tables = inspected(empty_url, lambda connection: sa.inspect(connection).get_table_names())
    assert tables == ["shop"]


def test_sqlite_is_migrated_when_the_service_starts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    migrate.ensure(url, migrate=False)
    assert migrate.current(url) == migrate.latest()
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_postgresql_is_migrated_at_start_only_where_that_is_wanted(postgres: Postgres) -> None:
    url = postgres.url(postgres.new_database())
    with pytest.raises(FailedPreconditionError, match="sekisho migrate") as refused:
        migrate.ensure(url, migrate=False)
    assert refused.value.reason == "SCHEMA_BEHIND"
    assert migrate.current(url) is None
    migrate.ensure(url, migrate=True)
    migrate.ensure(url, migrate=False)


@both
def test_a_schema_of_a_later_build_is_refused(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    changed(empty_url, "UPDATE alembic_version SET version_num = '9999'")
    for wanted in (True, False):
        with pytest.raises(FailedPreconditionError) as refused:
            migrate.ensure(empty_url, migrate=wanted)
        assert refused.value.reason == "SCHEMA_AHEAD"


@pytest.mark.parametrize(
    "url",
    ["postgresql://user:s3crET@127.0.0.1:1/ledger", "sqlite:////proc/nowhere/ledger.db"],
)
def test_a_database_that_is_away_is_told_without_its_password(url: str) -> None:
    with pytest.raises(LedgerUnavailableError) as away:
        migrate.upgrade(url)
    assert "crET" not in str(away.value)
    assert away.value.__cause__ is None


def test_the_latest_revision_is_the_head_that_alembic_finds() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))
    assert migrate.latest() == scripts.get_current_head()


def test_a_ledger_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    migrate.upgrade(url)
    look = (
        "import sys; from sekisho.adapters.sql.migrate import ensure;"
        f" ensure({url!r}, migrate=False); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", look], check=True)
