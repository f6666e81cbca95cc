"""The proxy does what each fault says, over TCP and over local sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.proxy import Fault, Proxy, proxy

SILENCE = 0.2


@dataclass
class Client:
    """One connection through the proxy to a server that echoes lines."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, text: bytes) -> bytes:
        """Send a line and return what comes back."""
        self.writer.write(text + b"\n")
        await self.writer.drain()
        return await self.reader.readline()

    async def silent(self, text: bytes) -> bool:
        """Whether nothing comes back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCE):
                await self.ask(text)
                return False
        return True


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a server that sends every line back; it keeps what it heard."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                heard.append(line)
                writer.write(line)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", heard
    finally:
        server.close()


@asynccontextmanager
async def through(
    listen: Path | None = None,
) -> AsyncIterator[tuple[Proxy, list[bytes]]]:
    async with echoing() as (server, heard), proxy(server, listen) as between:
        yield between, heard


async def connected(between: Proxy) -> Client:
    """Connect to the proxy."""
    if between.address.startswith("/"):
        return Client(*await asyncio.open_unix_connection(between.address))
    host, _, port = between.address.rpartition(":")
    return Client(*await asyncio.open_connection(host, int(port)))


@pytest.mark.parametrize("local", [False, True])
async def test_it_carries_and_counts(tmp_path: Path, local: bool) -> None:
    async with through(tmp_path / "s" if local else None) as (between, _):
        clients = [await connected(between) for _ in range(3)]
        for client in clients:
            assert await client.ask(b"hello") == b"hello\n"
        assert (between.connections, between.open) == (3, 3)


async def test_a_delay_makes_answers_late() -> None:
    async with through() as (between, _):
        client = await connected(between)
        between.delay = SILENCE * 2
        assert await client.silent(b"one")
        assert await client.reader.readline() == b"one\n"


async def test_a_stall_accepts_and_holds_everything_back_until_it_ends() -> None:
    async with through() as (between, heard):
        before = await connected(between)
        assert await before.ask(b"zero") == b"zero\n"
        between.switch(Fault.STALL)
        after = await connected(between)
        assert await before.silent(b"one")
        assert await after.silent(b"two")
        assert heard == [b"zero\n"]
        between.switch(Fault.NONE)
        assert await before.reader.readline() == b"one\n"
        assert await after.reader.readline() == b"two\n"


async def test_one_way_requests_arrive_and_answers_do_not() -> None:
    async with through() as (between, heard):
        client = await connected(between)
        between.switch(Fault.MUTE)
        assert await client.silent(b"one")
        assert heard == [b"one\n"]
        between.switch(Fault.NONE)
        assert await client.reader.readline() == b"one\n"


async def test_one_way_requests_are_lost() -> None:
    async with through() as (between, heard):
        client = await connected(between)
        between.switch(Fault.DEAF)
        assert await client.silent(b"one")
        between.switch(Fault.NONE)
        assert await client.ask(b"two") == b"two\n"
        assert heard == [b"two\n"]


async def test_a_cut_ends_the_answer_in_its_middle() -> None:
    async with through() as (between, _):
        client = await connected(between)
        between.switch(Fault.CUT, after=3)
        assert await client.ask(b"hello") == b"hel"
        assert between.cuts == 1


async def test_a_cut_may_wait_for_what_the_client_sends() -> None:
    async with through() as (between, heard):
        client = await connected(between)
        between.switch(Fault.CUT, cut_at=b"COMMIT")
        assert await client.ask(b"BEGIN") == b"BEGIN\n"
        assert await client.ask(b"COMMIT") == b""
        assert heard == [b"BEGIN\n", b"COMMIT\n"]


async def test_a_reset_is_seen_as_one() -> None:
    async with through() as (between, _):
        client = await connected(between)
        between.switch(Fault.RESET)
        with pytest.raises(ConnectionResetError):
            await client.ask(b"hello")


async def test_of_a_half_open_connection_the_client_hears_nothing() -> None:
    async with through() as (between, _):
        client = await connected(between)
        assert await client.ask(b"one") == b"one\n"
        between.switch(Fault.HALF_OPEN)
        assert await client.silent(b"two")
        between.switch(Fault.NONE)
        assert await client.silent(b"three")
        assert await (await connected(between)).ask(b"four") == b"four\n"


async def test_garbage_has_the_length_of_the_answer_and_nothing_else_of_it() -> None:
    async with through() as (between, _):
        client = await connected(between)
        between.switch(Fault.GARBAGE)
        client.writer.write(b"x" * 63 + b"\n")
        got = await client.reader.readexactly(64)
        assert got != b"x" * 63 + b"\n"


async def test_refusing_ends_open_connections_and_new_ones() -> None:
    async with through() as (between, _):
        client = await connected(between)
        assert await client.ask(b"one") == b"one\n"
        between.switch(Fault.REFUSE)
        assert await ended(client)
        assert await ended(await connected(between))


async def ended(client: Client) -> bool:
    """Whether a connection ends by itself."""
    try:
        return await client.reader.read(1) == b""
    except ConnectionError:
        return True
