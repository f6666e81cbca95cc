"""A server that accepts and never answers, and then does."""

import asyncio
from pathlib import Path

from sekisho.domain.decision import MissingCause
from sekisho.domain.errors import CacheUnavailableError
from tests.adapters.redis.observing import attempt
from tests.adapters.redis.proxy import proxy
from tests.support.valkey import Adapters, Cached, connected, now_ms
from tests.support.valkey_servers import until

_CALLERS = 32
_STALL_SECONDS = 2.5
"""Longer than a connection that says nothing is kept."""


async def test_nobody_waits_for_it_and_nobody_storms_it_when_it_returns(
    redis: Cached, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    async with proxy(redis.valkey.url, tmp_path) as between, connected(between.url) as ports:
        await ports.cover()
        await ports.load()
        assert (await ports.observe(attempt(now_ms()))).missing == ()
        first = between.connections
        between.silent.clear()
        end = loop.time() + _STALL_SECONDS

        async def call() -> None:
            while loop.time() < end:
                async with asyncio.timeout(5):
                    observed = await ports.observe(attempt(now_ms()), timeout=0.05)
                assert {m.cause for m in observed.missing} == {MissingCause.CACHE_UNAVAILABLE}
                await asyncio.sleep(0.01)

        await asyncio.gather(*(call() for _ in range(_CALLERS)))
        assert between.connections - first <= _STALL_SECONDS / 0.5
        stalled = between.connections
        between.silent.set()
        await asyncio.gather(*(until(lambda: known(ports)) for _ in range(_CALLERS)))
        assert between.connections - stalled <= 2


async def known(ports: Adapters) -> bool:
    observed = await ports.observe(attempt(now_ms()), timeout=0.05)
    if observed.missing:
        try:
            await ports.cover()
        except (CacheUnavailableError, AssertionError):
            # Others cover it at the same moment.
            return False
    return not observed.missing
