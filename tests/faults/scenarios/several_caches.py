"""A cache of several servers: failovers that lose the tail, and a shard that goes and returns."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from tests.faults.calls import now_ms
from tests.faults.scenarios.networks import known_since
from tests.faults.servers import short_folder
from tests.faults.world import Break, Tally, World, world
from tests.support import valkey_servers
from tests.support.valkey_servers import Server, Watched, until

S = TypeVar("S")


async def primary_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of Redis' primary; Sentinel promotes its replica."""
    async with (
        _servers(valkey_servers.watched, password="word") as servers,
        _world(seed, servers.url) as here,
    ):
        primary, replica = servers.primary, servers.replica
        for _ in range(rounds):
            await here.answers(here.chance.randrange(3, 20))
            await _kill(here, primary)
            await until(lambda: _is_primary(replica))  # noqa: B023
            await _known_again(here)
            # One of them that has not heard of it yet would make the two follow each other.
            await until(lambda: _agreed(servers, replica))  # noqa: B023
            await primary.start()
            # Sentinel would see to it, some time in the next minute.
            await primary.tell("REPLICAOF", "127.0.0.1", replica.port)
            await until(lambda: _follows(primary))  # noqa: B023
            primary, replica = replica, primary
        return await here.verdict()


async def shard_failed_over(seed: str, rounds: int) -> Tally:
    """SIGKILL of one primary of a cluster of three, whose replica takes over."""
    async with _servers(valkey_servers.clustered) as servers, _world(seed, servers.url) as here:
        pairs = [[node, servers.replica_of(node)] for node in servers.nodes[: servers.primaries]]
        figures: dict[str, list[float]] = {}
        for _ in range(rounds):
            await here.answers(here.chance.randrange(3, 20))
            pair = here.chance.choice(pairs)
            primary, replica = pair
            await _kill(here, primary)
            await until(lambda: _is_primary(replica))  # noqa: B023
            promoted = now_ms()
            known = await _known_again(here)
            figures.setdefault("whole after promotion ms", []).append(known - promoted)
            await primary.start()
            await until(lambda: _follows(primary))  # noqa: B023
            await servers.whole()
            pair.reverse()
        tally = await here.verdict()
        tally.figures = figures
        return tally


async def shard_lost(seed: str, rounds: int) -> Tally:
    """SIGKILL of one primary of three without a replica; the shard comes back empty."""
    async with (
        _servers(valkey_servers.clustered, replicas=False) as servers,
        _world(seed, servers.url) as here,
    ):
        for _ in range(rounds):
            await here.answers(here.chance.randrange(3, 20))
            shard = here.chance.choice(list(servers.nodes))
            await _kill(here, shard)
            await here.degraded(3)
            await shard.start()
            await servers.whole()
            await _known_again(here)
        return await here.verdict()


@asynccontextmanager
async def _servers(
    start: Callable[..., AbstractAsyncContextManager[S]], **options: str | bool
) -> AsyncIterator[S]:
    with short_folder() as name:
        async with start(Path(name), **options) as servers:
            yield servers


@asynccontextmanager
async def _world(seed: str, url: str) -> AsyncIterator[World]:
    async with world(seed, valkey=False, redis_url=url) as here:
        here.cache_url = url
        yield here


async def _kill(here: World, server: Server) -> None:
    await here.until(lambda: bool(here.read.open), "a call under way")
    here.breaks.append(Break(now_ms(), "Valkey", killed=True))
    server.kill()


async def _known_again(here: World) -> float:
    """Wait for an answer that is not degraded; return when it came."""
    since = now_ms()
    await here.until(lambda: known_since(here, since) is not None, "recovery")
    return known_since(here, since) or 0.0


async def _is_primary(server: Server) -> bool:
    return await server.says("replication", "role:master")


async def _agreed(servers: Watched, primary: Server) -> bool:
    """Whether every sentinel names this server as the primary."""
    named = [
        await sentinel.tell("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")
        for sentinel in servers.sentinels
    ]
    return all(one == [b"127.0.0.1", str(primary.port).encode()] for one in named)


async def _follows(replica: Server) -> bool:
    """Whether it has its first copy; what is written since then may be missing yet."""
    return await replica.says("replication", "master_link_status:up")
