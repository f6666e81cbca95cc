"""What a caller is told where SQLite fails, and what is in the ledger afterwards."""

import asyncio
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.schema import decision
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Statement
from sekisho.adapters.sql.url import parse
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[SqliteDatabase]:
    async with opened(sqlite_url) as database:
        assert isinstance(database, SqliteDatabase)
        yield database


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return parse(sqlite_url).path


async def told(ledger: SqlDecisions, new: NewDecision, timeout: float = 10) -> type[Exception]:
    """Record, and return which of the two errors came."""
    with pytest.raises(LedgerUnavailableError) as failed:
        await ledger.record(new, timeout)
    assert failed.value.__cause__ is None
    return failed.type


@contextmanager
def no_room(path: Path) -> Iterator[None]:
    """Let no file of this process grow beyond the log's size: writing on is an I/O error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (Path(f"{path}-wal").stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_who_gives_up_while_another_process_holds_the_file_is_never_written(
    database: SqliteDatabase, path: Path
) -> None:
    ledger = SqlDecisions(database)
    given_up, patient = samples.decision(1), samples.decision(2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    # The first is in the writer's hands already, and waits with it for the lock.
    hasty = asyncio.create_task(told(ledger, given_up, 0.2))
    waiting = asyncio.create_task(ledger.record(patient))
    assert await hasty is LedgerUnavailableError
    assert await told(ledger, given_up, 0.1) is LedgerUnavailableError
    other.execute("COMMIT")
    other.close()
    assert await waiting == patient.standing
    assert await count(database, decision) == 1
    # Another decision may be made of it: the journal has it meanwhile.
    assert await ledger.record(given_up) == given_up.standing


async def test_who_gives_up_once_it_has_begun_is_told_that_it_is_uncertain(
    database: SqliteDatabase,
) -> None:
    ledger, new = SqlDecisions(database), samples.decision(1)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Script[None]:
        begun.set()
        go_on.wait(10)
        yield Statement(lambda _: sa.text("SELECT 1"))()

    def occupy() -> Script[None]:
        go_on.wait(0.2)
        yield Statement(lambda _: sa.text("SELECT 1"))()

    # While the first is at it, the other two gather for one commit.
    first = asyncio.create_task(database.write(occupy))
    await asyncio.sleep(0)
    recording = asyncio.create_task(told(ledger, new, 1))
    sharing = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    assert await recording is LedgerUncertainError
    go_on.set()
    await asyncio.gather(first, sharing)
    assert await count(database, decision) == 1
    assert await ledger.record(new) == new.standing


@pytest.mark.destructive
async def test_an_io_error_at_the_commit_is_uncertain_until_a_repeat_finds_out(
    database: SqliteDatabase, path: Path
) -> None:
    ledger, new = SqlDecisions(database), samples.decision(1)
    await ledger.record(samples.decision("warm"))
    with no_room(path):
        assert await told(ledger, new) is LedgerUncertainError
        assert await told(ledger, new) is LedgerUncertainError
    assert await ledger.record(new) == new.standing
    assert await count(database, decision) == 2


async def test_a_full_file_is_told_for_certain(database: SqliteDatabase) -> None:
    def limit(pages: int) -> Script[None]:
        yield Statement(lambda _: sa.text(f"PRAGMA max_page_count = {pages}"))()

    ledger = SqlDecisions(database)
    await database.write(partial(limit, 1))
    every = [samples.decision(number) for number in range(40)]
    outcomes = await asyncio.gather(*map(ledger.record, every), return_exceptions=True)
    failed = [each for each in outcomes if isinstance(each, Exception)]
    assert {type(each) for each in failed} == {LedgerUnavailableError}
    assert await count(database, decision) == 40 - len(failed)


async def test_a_read_only_file_is_told_for_certain_and_can_be_read(
    database: SqliteDatabase,
) -> None:
    def read_only(on: int) -> Script[None]:
        yield Statement(lambda _: sa.text(f"PRAGMA query_only = {on}"))()

    ledger, new, later = SqlDecisions(database), samples.decision(1), samples.decision(2)
    await ledger.record(new)
    await database.write(partial(read_only, 1))
    assert await told(ledger, later) is LedgerUnavailableError
    assert await ledger.standing(new.standing.decision_id) == new.standing
    assert await count(database, decision) == 1
    await database.write(partial(read_only, 0))
    assert await ledger.record(later) == later.standing
