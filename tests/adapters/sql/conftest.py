"""Both databases, migrated and empty."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import metadata
from sekisho.adapters.sql.sqlite import SqliteDatabase
from tests.adapters.sql.databases import opened
from tests.support.postgres import Postgres, running

EMPTY = f"""
DO $$ BEGIN
    TRUNCATE {", ".join(metadata.tables)};
    INSERT INTO counter (name, value) VALUES ('feed_base', 0);
END $$
"""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    name = postgres.new_database()
    upgrade(postgres.url(name))
    return name


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "ledger.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "ledger.db")
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def postgres_url(postgres: Postgres, migrated_postgres: str) -> str:
    # A copy of a database would take ten times as long.
    postgres.execute(EMPTY, migrated_postgres)
    return postgres.url(migrated_postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
async def database(url: str) -> AsyncIterator[SqliteDatabase | PostgresDatabase]:
    async with opened(url) as database:
        yield database
