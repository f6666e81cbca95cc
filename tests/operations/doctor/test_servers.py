"""The doctor with real servers: well, sick, and not there at all."""

import asyncio
import os
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg
import pytest

from sekisho import settings
from sekisho.adapters.journal.journal import FileJournal
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.sql.migrate import upgrade
from sekisho.operations.doctor import postgres as judged
from sekisho.operations.doctor.cache import cache
from sekisho.operations.doctor.coverage import coverage
from sekisho.operations.doctor.examine import SECONDS, examine, worst
from sekisho.operations.doctor.finding import Finding, Level
from sekisho.operations.doctor.ledger import ledger
from tests.adapters.sql import samples
from tests.operations.doctor.test_files import effective
from tests.support.postgres import Postgres, running
from tests.support.service import whole
from tests.support.valkey import Cached, cached, connected, now_ms
from tests.support.valkey_servers import clustered

PASSWORD = "hunter2"  # Never to be seen.


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running(durable=True) as postgres:
        yield postgres


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Cached]:
    async with cached(tmp_path / "valkey") as opened:
        yield opened


async def looked(monkeypatch: pytest.MonkeyPatch, folder: Path, **given: object) -> list[Finding]:
    """Run every check with these settings."""
    for name in [name for name in os.environ if name.startswith("SEKISHO_")]:
        monkeypatch.delenv(name)
    for name, value in {"data_dir": folder, **given}.items():
        monkeypatch.setenv(f"SEKISHO_{name.upper()}", str(value))
    found = await examine(None)
    assert all(finding.todo for finding in found if finding.level is not Level.OK)
    assert PASSWORD not in repr(found)
    return found


def said(findings: list[Finding], level: Level, area: str = "") -> str:
    """Return all that is said at a level, of an area."""
    return "\n".join(
        found.what for found in findings if found.level is level and area in {"", found.area}
    )


async def test_a_service_that_runs_is_found_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole(tmp_path):
        found = await looked(monkeypatch, tmp_path)
    assert worst(found) is Level.WARNING
    assert said(found, Level.WARNING) == "there is none: nobody is looked for"
    well = said(found, Level.OK)
    for words in (
        *("Valkey", "noeviction", "clock agrees", "follows the ledger", "all of the ledger"),
        *("this build's", "can be written to", "empty", "rules"),
    ):
        assert words in well


async def test_a_service_that_does_not_run_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await looked(monkeypatch, tmp_path)
    assert worst(before) is Level.WARNING
    # It looks, and makes nothing.
    assert list(tmp_path.iterdir()) == []
    async with whole(tmp_path):
        pass
    after = await looked(monkeypatch, tmp_path)
    assert "no service runs" in said(after, Level.WARNING, "cache")
    assert "this build's" in said(after, Level.OK, "ledger")


async def test_a_memory_policy_and_a_watchlist_that_do_not_work_are_told_of_a_running_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with whole(tmp_path) as service:
        await service.create_watchlist("stolen")
        cache_ = service.service.cache
        await cache_.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", timeout=5)
        found = await looked(monkeypatch, tmp_path)
        assert worst(found) is Level.PROBLEM
        assert "allkeys-lru" in said(found, Level.PROBLEM, "cache")
        assert "stolen: it is empty" in said(found, Level.WARNING, "watchlists")


async def test_a_cache_that_lost_all_and_that_nobody_fills_is_told(redis: Cached) -> None:
    found = await coverage(redis.connection, now_ms())
    assert "256 of 256" in said(found, Level.WARNING)


async def test_a_replica_is_told(redis: Cached) -> None:
    await redis.connection.command("REPLICAOF", "127.0.0.1", "1", timeout=5)
    found = await cache(redis.connection, embedded=False)
    assert "replica" in said(found, Level.PROBLEM)


async def test_a_cache_without_its_file_is_told(redis: Cached) -> None:
    await redis.connection.command("CONFIG", "SET", "appendonly", "no", timeout=5)
    assert "append-only file is off" in said(
        await cache(redis.connection, embedded=False), Level.WARNING
    )


async def test_a_cache_that_refuses_us_is_told(redis: Cached) -> None:
    await redis.connection.command("CONFIG", "SET", "requirepass", PASSWORD, timeout=5)
    stranger = Connection(redis.valkey.url)
    found = await cache(stranger, embedded=False)
    await stranger.close()
    assert "NOAUTH" in said(found, Level.PROBLEM)


@pytest.mark.destructive
async def test_of_a_cluster_every_server_is_told_of(tmp_path: Path) -> None:
    async with clustered(tmp_path, replicas=False) as servers, connected(servers.url) as ports:
        await ports.cover()
        found = await cache(ports.connection, embedded=False)
        assert len({finding.area for finding in found}) == 3
        assert said(found, Level.PROBLEM) == ""
        servers.nodes[0].kill()
        found = await cache(ports.connection, embedded=False)
        assert len([f for f in found if "not answer" in f.what]) == 1
        assert said(found, Level.OK).count("answers") == 2
        told = await coverage(ports.connection, now_ms())
        assert "parts of the cache are away" in said(told, Level.PROBLEM)


@asynccontextmanager
async def stalled() -> AsyncIterator[int]:
    """Accept connections, and never answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield listening.getsockname()[1]


async def test_where_nothing_answers_the_list_is_clear_and_comes_in_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys_file = tmp_path / "keys.toml"
    keys_file.write_text(f'[[keys]]\nid = "k1"\nsecret = "{"ab" * 32}"\n')
    async with stalled() as port:
        for number in (port, 1):
            began = time.monotonic()
            found = await looked(
                monkeypatch,
                tmp_path,
                redis_url=f"redis://me:{PASSWORD}@127.0.0.1:{number}",
                database_url=f"postgresql://me:{PASSWORD}@127.0.0.1:{number}/ledger",
                keys_file=keys_file,
            )
            assert time.monotonic() - began < 3 * SECONDS
            assert "not answer" in said(found, Level.PROBLEM, "cache")
            assert "not answer" in said(found, Level.PROBLEM, "ledger")
            assert "rules" in said(found, Level.OK, "policy")


async def test_every_problem_of_the_settings_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await looked(monkeypatch, tmp_path, listn="x", attempts="many", redis_budget_ms=0)
    assert len(found) == 3
    assert {finding.level for finding in found} == {Level.PROBLEM}
    assert "did you mean SEKISHO_LISTEN" in said(found, Level.PROBLEM)


async def test_a_sqlite_of_another_build_or_no_sqlite_at_all_is_told(tmp_path: Path) -> None:
    at = effective(tmp_path)
    file = tmp_path / "ledger.db"
    await asyncio.to_thread(upgrade, at.database_url)
    for revision, words in (("0001", "at 0001"), ("9999", "later than this build")):
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        assert words in said(await ledger(at), Level.PROBLEM)
    file.write_bytes(b"no database" * 1_000)
    assert "DatabaseError" in said(await ledger(at), Level.PROBLEM)


async def test_a_sqlite_that_somebody_keeps_is_told(tmp_path: Path) -> None:
    at = effective(tmp_path)
    await asyncio.to_thread(upgrade, at.database_url)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        assert "kept it from writing" in said(await ledger(at), Level.WARNING)


def on(url: str, folder: Path) -> settings.Settings:
    """Return settings with a ledger that the tests alone can name: by its socket."""
    at = effective(folder)
    object.__setattr__(at, "database_url", url)
    return at


async def test_a_sound_postgresql_is_found_well(server: Postgres, tmp_path: Path) -> None:
    url = server.url(await asyncio.to_thread(server.new_database))
    assert "at nothing" in said(await ledger(on(url, tmp_path)), Level.PROBLEM)
    await asyncio.to_thread(upgrade, url)
    found = await ledger(on(url, tmp_path))
    assert {finding.level for finding in found} == {Level.OK}
    assert "clock agrees" in said(found, Level.OK)
    assert "holds up" in said(found, Level.OK)


async def test_a_postgresql_that_is_not_there_or_read_only_is_told(
    server: Postgres, tmp_path: Path
) -> None:
    no_such = on(server.url("no_such"), tmp_path)
    assert "no such database" in said(await ledger(no_such), Level.PROBLEM)
    name = await asyncio.to_thread(server.new_database)
    await asyncio.to_thread(upgrade, server.url(name))
    server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    found = await ledger(on(server.url(name), tmp_path))
    assert "default_transaction_read_only" in said(found, Level.PROBLEM)
    assert "synchronous_commit" in said(found, Level.WARNING)


async def test_a_transaction_that_holds_up_the_cache_is_told_with_its_pid(
    server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judged, "_HOLDING_SECONDS", 0)
    url = server.url(await asyncio.to_thread(server.new_database))
    await asyncio.to_thread(upgrade, url)
    somebody = await asyncpg.connect(url)
    await somebody.execute("BEGIN")
    await somebody.execute("SELECT pg_current_xact_id()")
    (found,) = [f for f in await ledger(on(url, tmp_path)) if f.level is Level.PROBLEM]
    assert "cannot follow" in found.what
    assert str(somebody.get_server_pid()) in found.todo
    await somebody.close()


async def test_what_waits_in_the_journal_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = FileJournal(tmp_path / "journal", 1 << 20)
    await journal.append(samples.decision(at=samples.NOW))
    found = await looked(monkeypatch, tmp_path)
    assert "1 decision waits" in said(found, Level.PROBLEM, "journal")
    # The one that has it open goes on.
    await journal.append(samples.decision(1))
    assert journal.state().pending == 2
    await journal.close()
