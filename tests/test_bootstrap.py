"""How the service starts where the ledger is not as it should be."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.adapters.sql.migrate import upgrade
from sekisho.keys import FILE_NAME, read_or_make
from sekisho.starting import StartError
from tests.adapters.sql.wire import wired
from tests.support.postgres import Postgres, running
from tests.support.service import opened_with, until


def keys(folder: Path) -> str:
    """Make keys, which a service with PostgreSQL must be given."""
    read_or_make(folder)
    return str(folder / FILE_NAME)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


async def test_the_service_starts_while_the_ledger_is_away_and_finds_it_when_it_comes(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.url(postgres.new_database())
    await asyncio.to_thread(upgrade, database)
    async with wired(database) as (wire, url):
        wire.refusing = True
        async with opened_with(tmp_path, database_url=url, keys_file=keys(tmp_path)) as service:
            assert not await service.ready()
            wire.refusing = False
            await until(service.ready)


async def test_the_service_refuses_to_start_on_a_schema_of_another_build(
    postgres: Postgres, tmp_path: Path
) -> None:
    database = postgres.url(postgres.new_database())
    async with wired(database) as (_, url):
        with pytest.raises(StartError, match=r"SEKISHO_DATABASE_URL: .*schema is at nothing"):
            async with opened_with(tmp_path, database_url=url, keys_file=keys(tmp_path)):
                pass
