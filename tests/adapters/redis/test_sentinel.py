"""The primary that sentinels name, whichever it is."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from sekisho import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.domain.errors import CacheUnavailableError
from tests.adapters.redis.observing import attempt
from tests.support.service import STEP_UP, Whole, forged, whole
from tests.support.valkey import Adapters, connected, now_ms
from tests.support.valkey_servers import Server, replicated, until, watched


async def known(ports: Adapters) -> bool:
    observed = await ports.observe(attempt(now_ms()), timeout=0.5)
    if observed.missing:
        try:
            await ports.cover()
            await ports.load()
        except CacheUnavailableError:
            await asyncio.sleep(0.05)
    return not observed.missing


@pytest.mark.slow
@pytest.mark.destructive
async def test_a_promoted_replica_is_found_and_the_former_primary_left(tmp_path: Path) -> None:
    async with (
        watched(tmp_path, password="s3cret") as servers,
        connected(servers.url) as ports,
    ):
        await until(lambda: known(ports))
        servers.primary.kill()
        assert (await ports.observe(attempt(now_ms()))).counts == ()
        await until(lambda: known(ports))
        assert await servers.replica.says("replication", "role:master")

        # It comes back, becomes a replica, and is promoted: nobody's connection breaks.
        await servers.primary.start()
        await until(lambda: servers.primary.says("replication", "master_link_status:up"))
        await until(lambda: told_to_fail_over(servers.sentinels[0]))
        await until(lambda: servers.primary.says("replication", "role:master"))

        async def writes_there() -> bool:
            with suppress(CacheUnavailableError):
                await ports.connection.look()
            return await known(ports) and await servers.replica.says("replication", "role:slave")

        await until(writes_there)
        written = await servers.primary.tell("DBSIZE")
        assert isinstance(written, int)
        assert written >= 512


@pytest.mark.slow
async def test_a_sentinel_that_is_away_or_stalls_is_no_harm_and_all_of_them_are_an_error(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path) as servers:
        servers.sentinels[0].kill()
        servers.sentinels[1].send(signal.SIGSTOP)
        async with connected(servers.url) as ports:
            await until(lambda: known(ports))
        servers.sentinels[2].kill()
        connection = Connection(servers.url)
        with pytest.raises(CacheUnavailableError):
            await connection.command("PING", timeout=5)
        with pytest.raises(CacheUnavailableError):
            await connection.look()
        await connection.close()


@pytest.mark.slow
@pytest.mark.destructive
async def test_a_service_counts_right_after_a_failover_that_lost_the_tail(tmp_path: Path) -> None:
    keys.read_or_make(tmp_path)
    async with (
        watched(tmp_path / "servers") as servers,
        whole(tmp_path, redis_url=servers.url, keys_file=str(tmp_path / "keys.toml")) as running,
    ):
        for line in range(3):
            await running.assess(forged(line))
        # What the primary is told from here on, the replica never hears.
        await until(lambda: replicated(servers.primary))
        await servers.replica.tell("REPLICAOF", "127.0.0.1", 1)
        for line in range(3, 6):
            await running.assess(forged(line))
        servers.primary.kill()
        in_between = await running.assess(forged(6))
        assert in_between.verdict == STEP_UP
        assert in_between.degraded

        tries = 7

        async def counted() -> bool:
            nonlocal tries
            tries += 1
            seen = await lines_seen(running, tries)
            # Whenever it is known it is right.
            assert seen in (None, tries)
            return seen is not None

        await until(counted)


async def lines_seen(running: Whole, line: int) -> object:
    """Try the forged card on one more line, and return on how many it was seen."""
    decision = await running.assess(forged(line - 1))
    return (await running.facts(decision))["velocity.document.lines_7d"]


async def told_to_fail_over(sentinel: Server) -> bool:
    """Have a sentinel promote the replica; one that does not trust it yet refuses."""
    try:
        await sentinel.tell("SENTINEL", "FAILOVER", "main")
    except ConnectionError as error:
        if str(error) not in ("NOGOODSLAVE", "INPROG"):
            raise
        return False
    return True
