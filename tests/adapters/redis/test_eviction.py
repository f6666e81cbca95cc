"""What may be evicted, or was, is not claimed."""

import asyncio
from dataclasses import dataclass

import pytest

from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.domain.decision import MissingCause
from sekisho.domain.errors import CacheUnavailableError
from tests.adapters.redis.observing import attempt
from tests.support.valkey import Cached, now_ms


async def set_policy(redis: Cached, policy: str) -> None:
    await redis.connection.command("CONFIG", "SET", "maxmemory-policy", policy, timeout=5)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def evict(redis: Cached) -> None:
    await set_policy(redis, "allkeys-lru")
    await redis.connection.command("SET", "filler", b"x" * 1_000_000, timeout=5)
    await redis.connection.command("CONFIG", "SET", "maxmemory", "100mb", timeout=5)
    _, info = await redis.connection.info(5)
    await redis.connection.command(
        "CONFIG", "SET", "maxmemory", int(info["used_memory"]) - 500_000, timeout=5
    )
    async with asyncio.timeout(10):
        while (await redis.connection.info(5))[1]["evicted_keys"] == "0":
            await asyncio.sleep(0.01)
    await redis.connection.command("CONFIG", "SET", "maxmemory", 0, timeout=5)


async def test_under_a_policy_that_evicts_nothing_is_known(redis: Cached) -> None:
    for policy in ("allkeys-lru", "volatile-ttl"):
        await set_policy(redis, policy)
        await redis.eviction.refresh()
        observed = await redis.observe(attempt(now_ms()))
        assert (observed.counts, observed.line, observed.watchlists_loaded) == ((), None, None)
        assert {m.signal: m.cause for m in observed.missing} == dict.fromkeys(
            ("velocity.document", "line", "watchlist"), MissingCause.CACHE_MAY_EVICT
        )
    await set_policy(redis, "noeviction")
    await redis.eviction.refresh()
    assert (await redis.observe(attempt(now_ms()))).missing == ()


async def test_the_tries_of_that_time_are_counted_all_the_same(redis: Cached) -> None:
    await set_policy(redis, "allkeys-lru")
    await redis.eviction.refresh()
    await redis.observe(attempt(now_ms()))
    await set_policy(redis, "noeviction")
    await redis.eviction.refresh()
    assert (await redis.observe(attempt(now_ms()))).counts[0].tries[0] == 2


async def test_marks_do_not_survive_evictions_that_nobody_watched(redis: Cached) -> None:
    await evict(redis)
    await redis.cover()
    await redis.load()
    await set_policy(redis, "noeviction")
    await redis.eviction.refresh()
    assert await redis.store.coverage() == {}
    assert await redis.index.marks() == {}
    await redis.cover()
    await redis.load()
    await redis.eviction.refresh()
    assert len(await redis.store.coverage()) == len(await redis.index.marks()) == 256


async def test_what_was_seen_of_another_connection_or_long_ago_counts_no_more(
    redis: Cached,
) -> None:
    clock = Clock()
    watch = EvictionWatch(redis.connection, clock).of(redis.node)
    said = [watch.possible]
    await watch.refresh()
    said.append(watch.possible)
    clock.now += 16
    said.append(watch.possible)
    await watch.refresh()
    said.append(watch.possible)
    redis.node.drop()
    await redis.connection.info(5)
    said.append(watch.possible)
    assert said == [True, False, True, False, True]


async def test_an_assessment_on_a_new_connection_looks_for_itself(redis: Cached) -> None:
    redis.node.drop()
    await redis.connection.info(5)
    await redis.cover()
    observed = await asyncio.gather(*(redis.observe(attempt(now_ms())) for _ in range(5)))
    assert {one.missing for one in observed} == {()}


async def test_a_server_that_does_not_tell_its_policy_may_evict(redis: Cached) -> None:
    await redis.connection.command("ACL", "SETUSER", "default", "-info", timeout=5)
    redis.node.drop()
    with pytest.raises(CacheUnavailableError, match="NOPERM"):
        await redis.eviction.refresh()
    await redis.cover()
    observed = await redis.observe(attempt(now_ms()))
    assert {m.cause for m in observed.missing} == {MissingCause.CACHE_MAY_EVICT}
