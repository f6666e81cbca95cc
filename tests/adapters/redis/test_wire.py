"""Many calls, one connection, answers in their order."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from sekisho.adapters.redis.lane import Lane
from sekisho.adapters.redis.url import parse
from sekisho.adapters.redis.wire import STALLED_SECONDS
from tests.adapters.redis.proxy import proxy
from tests.support.valkey import Cached, cached


def lane_to(url: str) -> Lane:
    return Lane(parse(url).first[0], lambda: None)


async def test_everyone_gets_their_own_answer(redis: Cached) -> None:
    wire = await lane_to(redis.valkey.url).wire(5)
    answers = await asyncio.gather(*(wire.call(("ECHO", str(n)), 5) for n in range(500)))
    assert answers == [str(n).encode() for n in range(500)]
    wire.abort()


async def test_an_answer_that_comes_too_late_is_nobody_elses(redis: Cached, tmp_path: Path) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        wire = await lane_to(between.url).wire(5)
        between.silent.clear()
        with pytest.raises(TimeoutError):
            await wire.call(("ECHO", "late"), 0.01)
        with pytest.raises(TimeoutError):
            await wire.calls((("ECHO", "later"), ("ECHO", "latest")), 0.01)
        cancelled = asyncio.create_task(wire.call(("ECHO", "cancelled"), 5))
        await asyncio.sleep(0)
        cancelled.cancel()
        asked = asyncio.create_task(wire.call(("ECHO", "mine"), 5))
        await asyncio.sleep(0)
        between.silent.set()
        assert await asked == b"mine"
        wire.abort()


async def test_a_server_that_says_nothing_for_a_second_is_given_up(
    redis: Cached, tmp_path: Path
) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        wire = await lane_to(between.url).wire(5)
        between.silent.clear()
        other = asyncio.create_task(wire.call(("PING",), 60))
        with pytest.raises(TimeoutError):
            await wire.call(("PING",), STALLED_SECONDS + 0.05)
        with pytest.raises(ConnectionError):
            await other
        with pytest.raises(ConnectionError):
            await wire.call(("PING",), 1)


@pytest.mark.parametrize("said", [b"+OK\r\n+OK\r\n+OK\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_what_nobody_asked_for_closes_the_connection(
    redis: Cached, tmp_path: Path, said: bytes
) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        wire = await lane_to(between.url).wire(5)
        between.prefix = said
        await asyncio.gather(wire.call(("PING",), 5), return_exceptions=True)
        async with asyncio.timeout(5):
            while not wire.lost:
                await asyncio.sleep(0)


def test_it_works_on_uvloop_too(tmp_path: Path) -> None:
    async def echo() -> object:
        async with cached(tmp_path / "valkey") as running:
            return await running.connection.command("ECHO", "uv", timeout=5)

    assert uvloop.run(echo()) == b"uv"


async def test_calls_that_wait_for_a_connection_share_one(redis: Cached, tmp_path: Path) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        told: list[bool] = []
        lane = Lane(parse(between.url).first[0], lambda: told.append(lane.open))
        wires = await asyncio.gather(*(lane.wire(5) for _ in range(20)))
        assert len(set(map(id, wires))) == between.connections == len(told) == 1
        lane.drop()
        assert await lane.wire(5) is not wires[0]
        assert told == [True, True]
        await lane.close()


async def test_closing_while_a_connection_is_being_opened_ends_both(tmp_path: Path) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)
        writer.close()

    async with await asyncio.start_unix_server(silent, tmp_path / "silent"):
        lane = lane_to(f"unix://{tmp_path / 'silent'}")
        with pytest.raises(TimeoutError):
            await lane.wire(0.01)
        await lane.close()
