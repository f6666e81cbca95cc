"""Rebuilding a cache beside a service, and without one."""

import asyncio
import signal
from pathlib import Path

import pytest

from sekisho import settings
from sekisho.adapters.redis import keys
from sekisho.adapters.sql.migrate import upgrade
from sekisho.domain.errors import CacheUnavailableError, FailedPreconditionError
from sekisho.domain.velocity import DAY_MS
from sekisho.operations.rebuild import Rebuilding, rebuild, watch
from tests.adapters.sql.databases import opened
from tests.support.history import write_history
from tests.support.service import covered, forged, ordinary, whole
from tests.support.valkey import cached, now_ms


def of(folder: Path, **given: str) -> settings.Settings:
    environ = {"SEKISHO_DATA_DIR": str(folder)}
    return settings.load(environ | {f"SEKISHO_{n.upper()}": v for n, v in given.items()})


async def test_a_rebuild_under_traffic_neither_loses_nor_doubles_a_try(tmp_path: Path) -> None:
    async with whole(tmp_path) as service:
        asked = 0
        done = False

        async def traffic() -> None:
            nonlocal asked
            while not done:
                await service.assess(forged(asked, shop=f"shop-{asked % 7}"))
                asked += 1

        task = asyncio.create_task(traffic())
        for least in (5, 20):
            async with asyncio.timeout(60):
                while asked < least:
                    await asyncio.sleep(0.01)
            told: list[Rebuilding] = []
            await rebuild(of(tmp_path), told.append)
            assert told[-1].complete
        done = True
        await task
        await covered(service)
        facts = await service.facts(await service.assess(forged(asked)))
        assert facts["velocity.document.lines_24h"] == asked + 1
        assert facts["velocity.document.tries_24h"] == asked + 1


async def test_what_the_cache_held_of_others_stays(tmp_path: Path) -> None:
    async with whole(tmp_path) as service:
        await service.assess(ordinary())
        cache = service.service.cache
        await cache.command("SET", "somebody's", "own", timeout=5)
        before = await cache.command("GET", keys.COVERAGE_KEYS[3], timeout=5)
        await rebuild(of(tmp_path), lambda _: None)
        assert await cache.command("GET", "somebody's", timeout=5) == b"own"
        after = await cache.command("GET", keys.COVERAGE_KEYS[3], timeout=5)
        assert isinstance(before, bytes)
        assert isinstance(after, bytes)
        # Begun anew: bytes 12 to 20 are the mark's generation.
        assert before[12:20] != after[12:20]


async def test_without_a_service_the_embedded_valkey_is_started_for_it(tmp_path: Path) -> None:
    async with whole(tmp_path):
        pass
    url = of(tmp_path).database_url
    async with opened(url) as database:
        await write_history(database, 300, now_ms() - 60 * DAY_MS, now_ms())
    told: list[Rebuilding] = []
    await rebuild(of(tmp_path), told.append)
    assert told[-1].complete
    assert told[-1].rows > 300
    async with whole(tmp_path) as service:
        held = await service.service.cache.command("KEYS", "{*}1tD*", timeout=5)
        assert isinstance(held, list)
        assert len(held) > 300


async def test_watching_changes_nothing_and_ends_when_all_is_covered(tmp_path: Path) -> None:
    async with whole(tmp_path) as service:
        cache = service.service.cache
        await service.flush_cache()
        told: list[Rebuilding] = []
        await watch(of(tmp_path), told.append)
        assert told[-1].complete
        assert {state.rows for state in told} == {0}
        before = await cache.command("MGET", *keys.INDEX_KEYS, timeout=5)
        await watch(of(tmp_path), told.append)
        assert await cache.command("MGET", *keys.INDEX_KEYS, timeout=5) == before


async def test_a_store_that_goes_away_in_the_middle_is_waited_for(tmp_path: Path) -> None:
    async with cached(tmp_path / "valkey") as redis:
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        await asyncio.to_thread(upgrade, url)
        async with opened(url) as database:
            await write_history(database, 3_000, now_ms() - 60 * DAY_MS, now_ms())
        told: list[Rebuilding] = []

        def hear(state: Rebuilding) -> None:
            # At the first word, so that a fast machine has not finished by then.
            if not told:
                redis.valkey.send_signal(signal.SIGSTOP)
            told.append(state)

        task = asyncio.create_task(rebuild(of(tmp_path), hear))
        async with asyncio.timeout(60):
            while not told or not told[-1].waiting:
                await asyncio.sleep(0.05)
            redis.valkey.send_signal(signal.SIGCONT)
            await task
        assert not told[0].complete
        assert told[-1].complete


async def test_what_keeps_it_from_beginning_is_said(tmp_path: Path) -> None:
    with pytest.raises(FailedPreconditionError, match="sekisho migrate"):
        await rebuild(of(tmp_path), lambda _: None)
    await asyncio.to_thread(upgrade, of(tmp_path).database_url)
    with pytest.raises(CacheUnavailableError, match="start the service"):
        await watch(of(tmp_path), lambda _: None)
    keys_file = tmp_path / "keys.toml"
    keys_file.write_text("")
    away = of(tmp_path, redis_url="redis://127.0.0.1:1", keys_file=str(keys_file))
    with pytest.raises(CacheUnavailableError):
        await rebuild(away, lambda _: None)
