import asyncio
import os
import signal
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import suppress
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
from sekisho.domain.errors import LedgerUnavailableError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

ROOT = Path(__file__).parents[3]

CHILD = """
import asyncio, sys
from pathlib import Path
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.sqlite import SqliteDatabase
from tests.adapters.sql import samples

async def main():
    ledger = SqlDecisions(SqliteDatabase(Path(sys.argv[1]), 10))
    numbers = iter(range(1_000_000))
    async def record():
        for number in numbers:
            standing = await ledger.record(samples.decision(number))
            print(standing.decision_id.hex(), flush=True)
    await asyncio.gather(*(record() for _ in range(16)))

asyncio.run(main())
"""


@pytest.fixture
async def ledger(sqlite_url: str) -> AsyncIterator[SqliteDatabase]:
    async with opened(sqlite_url) as database:
        assert isinstance(database, SqliteDatabase)
        yield database


@pytest.mark.destructive
async def test_what_was_answered_outlives_a_killed_process(sqlite_url: str) -> None:
    path = parse(sqlite_url).path
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(path)), stdout=PIPE, cwd=ROOT
    )
    assert child.stdout is not None
    answered = [await child.stdout.readline() for _ in range(200)]
    os.kill(child.pid, signal.SIGKILL)
    answered += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    async with opened(sqlite_url) as database:
        standings = SqlDecisions(database)
        for line in answered:
            # The last one may have been cut off in the middle.
            if line.endswith(b"\n"):
                await standings.standing(bytes.fromhex(line.decode()))
        assert await count(database, decision) >= 200


async def test_a_commit_is_on_the_disk_before_it_is_answered(ledger: SqliteDatabase) -> None:
    def pragma(name: str) -> Script[object]:
        rows = yield Statement(lambda _: sa.text(f"PRAGMA {name}"))()
        return rows[0][0]

    full = 2
    assert await ledger.write(partial(pragma, "synchronous")) == full
    assert await ledger.write(partial(pragma, "journal_mode")) == "wal"


async def test_another_process_that_holds_the_file_makes_the_ledger_unavailable(
    sqlite_url: str,
) -> None:
    other = sqlite3.connect(parse(sqlite_url).path, isolation_level=None)
    async with opened(sqlite_url, timeout=0.2) as database:
        ledger = SqlDecisions(database)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailableError) as away:
            await ledger.record(samples.decision(1))
        assert away.value.__cause__ is None
        other.execute("COMMIT")
        await recovered(ledger, 2)
        # What nobody waited for any more was left undone, or done: a retry gets it.
        await ledger.record(samples.decision(1))
        assert await count(database, decision) == 2
    other.close()


async def test_a_full_disk_makes_the_ledger_unavailable_until_there_is_room(
    ledger: SqliteDatabase,
) -> None:
    def limit(pages: int) -> Script[None]:
        yield Statement(lambda _: sa.text(f"PRAGMA max_page_count = {pages}"))()

    standings = SqlDecisions(ledger)
    await standings.record(samples.decision("first"))
    await ledger.write(partial(limit, 1))
    every = [samples.decision(number) for number in range(40)]
    outcomes = await asyncio.gather(*map(standings.record, every), return_exceptions=True)
    failed = [each for each in outcomes if isinstance(each, LedgerUnavailableError)]
    assert len(failed) > 20
    assert await count(ledger, decision) == 41 - len(failed)
    await ledger.write(partial(limit, 1_000_000))
    for new in every:
        await standings.record(new)
    assert await count(ledger, decision) == 41


async def test_a_file_that_is_no_database_makes_the_ledger_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"no database" * 1000)
    async with opened(f"sqlite:///{path}") as database:
        ledger = SqlDecisions(database)
        with pytest.raises(LedgerUnavailableError):
            await ledger.record(samples.decision())
        with pytest.raises(LedgerUnavailableError):
            await ledger.standing(b"\x00" * 16)


async def test_a_ledger_that_was_closed_is_unavailable(sqlite_url: str) -> None:
    async with opened(sqlite_url) as database:
        ledger = SqlDecisions(database)
        new = samples.decision()
        recording = asyncio.ensure_future(ledger.record(new))
        await asyncio.sleep(0)
    # What was queued is finished first.
    assert await recording == new.standing
    with pytest.raises(LedgerUnavailableError):
        await ledger.record(new)
    with pytest.raises(LedgerUnavailableError):
        await ledger.standing(new.standing.decision_id)


async def test_a_change_that_nobody_waits_for_is_not_begun(ledger: SqliteDatabase) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def occupy() -> Script[None]:
        begun.set()
        go_on.wait(10)
        yield Statement(lambda _: sa.text("SELECT 1"))()

    standings = SqlDecisions(ledger)
    occupied = asyncio.create_task(ledger.write(occupy))
    await asyncio.to_thread(begun.wait, 10)
    given_up = asyncio.create_task(standings.record(samples.decision(1)))
    kept = asyncio.create_task(standings.record(samples.decision(2)))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait([given_up])
    go_on.set()
    await asyncio.gather(occupied, kept)
    assert await count(ledger, decision) == 1


async def test_bulk_work_lets_urgent_changes_go_first(ledger: SqliteDatabase) -> None:
    begun, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def occupy() -> Script[None]:
        begun.set()
        go_on.wait(10)
        yield Statement(lambda _: sa.text("SELECT 1"))()

    def named(name: str) -> Script[None]:
        order.append(name)
        yield Statement(lambda _: sa.text("SELECT 1"))()

    async with asyncio.TaskGroup() as group:
        group.create_task(ledger.write(occupy, background=True))
        await asyncio.to_thread(begun.wait, 10)
        for name in ("bulk 1", "bulk 2"):
            group.create_task(ledger.write(partial(named, name), background=True))
        await asyncio.sleep(0)
        for name in ("urgent 1", "urgent 2"):
            group.create_task(ledger.write(partial(named, name)))
        await asyncio.sleep(0)
        go_on.set()
    assert order == ["urgent 1", "urgent 2", "bulk 1", "bulk 2"]


async def test_the_log_is_carried_into_the_file_beside_the_writer(
    ledger: SqliteDatabase, sqlite_url: str
) -> None:
    path = parse(sqlite_url).path
    before = path.stat().st_size
    standings = SqlDecisions(ledger)
    await asyncio.gather(*(standings.record(samples.decision(n)) for n in range(200)))
    async with asyncio.timeout(10):
        while path.stat().st_size < before + 200 * 900:
            await asyncio.sleep(0.02)


async def recovered(ledger: SqlDecisions, seed: int) -> None:
    """Wait until the ledger records again."""
    async with asyncio.timeout(10):
        while True:
            with suppress(LedgerUnavailableError):
                await ledger.record(samples.decision(seed))
                return
