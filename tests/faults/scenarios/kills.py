"""Servers killed under traffic, one at a time or all at once, and started again."""

import asyncio

from tests.faults.servers import Server
from tests.faults.world import Tally, World, world


async def service_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of sekisho, its ledger a SQLite file."""
    async with world(seed) as here:
        for _ in range(rounds):
            await again(here, here.service)
        return await here.verdict()


async def service_and_its_cache_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of sekisho, whose embedded Valkey ends with it."""
    async with world(seed, valkey=False) as here:
        for _ in range(rounds):
            await again(here, here.service)
        return await here.verdict()


async def cache_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of Redis, which comes back without its last second."""
    async with world(seed) as here:
        assert here.valkey is not None
        for _ in range(rounds):
            await again(here, here.valkey)
        return await here.verdict()


async def cache_lost(seed: str, rounds: int) -> Tally:
    """SIGKILL of a Redis that comes back empty."""
    async with world(seed, durable=False) as here:
        assert here.valkey is not None
        for _ in range(rounds):
            await again(here, here.valkey)
        return await here.verdict()


async def cache_flushed(seed: str, rounds: int) -> Tally:
    """FLUSHALL in mid-traffic."""
    async with world(seed) as here:
        assert here.valkey is not None
        for _ in range(rounds):
            await here.answers(here.chance.randrange(5, 30))
            await here.until(lambda: bool(here.read.open), "a call under way")
            here.broke("FLUSHALL")
            assert here.valkey.command("FLUSHALL") == b"+OK\r\n"
        return await here.verdict()


async def ledger_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of PostgreSQL and all its processes."""
    async with world(seed, postgres=True) as here:
        assert here.postgres is not None
        for _ in range(rounds):
            await again(here, here.postgres)
        return await here.verdict()


async def everything_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of sekisho, Redis and PostgreSQL at one moment, as when a machine dies."""
    async with world(seed, postgres=True) as here:
        assert here.valkey is not None
        assert here.postgres is not None
        for _ in range(rounds):
            await again(here, here.service, here.valkey, here.postgres)
        return await here.verdict()


async def again(here: World, *servers: Server) -> None:
    """Let some answers pass, kill servers while calls are under way, and start them again.

    The last one named is started first, after a while.
    """
    await here.answers(here.chance.randrange(3, 30))
    await asyncio.sleep(here.chance.random() * 0.02)
    await here.kill(*servers)
    await asyncio.sleep(here.chance.random() ** 3)
    for server in reversed(servers):
        await server.start()
