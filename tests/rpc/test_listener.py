"""A server that breaks is begun anew."""

import asyncio
from pathlib import Path

import pytest

from sekisho.rpc.addresses import with_port
from sekisho.rpc.server import ServerOptions
from tests.support import http2, requests
from tests.support.server import Client, Running, running

NO_UTF_8 = http2.call_at("/sekisho.v1.RiskCheckService/\xff")


async def broken_by_a_path(port: int) -> None:
    async with http2.greeted(port) as wire:
        await wire.send(NO_UTF_8)
        async with asyncio.timeout(10):
            await wire.ended()


async def assessed(client: Client) -> None:
    await client.risk_check.AssessSimChange(requests.assess(), timeout=20, wait_for_ready=True)


async def test_a_path_that_is_not_utf_8_silences_nobody(api: Running) -> None:
    for _ in range(3):
        await broken_by_a_path(api.port)
        await assessed(api.client)


async def test_calls_under_way_end_as_they_would_have() -> None:
    async with running(ServerOptions(address="127.0.0.1:0", grace_seconds=20)) as api:
        api.told.wait = asyncio.Event()
        under_way = asyncio.ensure_future(assessed(api.client))
        await api.told.called()
        await broken_by_a_path(api.port)
        async with http2.connected(api.port):
            api.told.wait.set()
            await under_way


async def test_a_local_socket_is_listened_on_again(tmp_path: Path) -> None:
    path = tmp_path / "api.sock"
    async with running(ServerOptions(address=f"unix:{path}", grace_seconds=0.1)) as api:
        reader, writer = await asyncio.open_unix_connection(path)
        wire = http2.Wire(reader, writer)
        await wire.send(http2.PREFACE, http2.NO_SETTINGS, NO_UTF_8)
        async with asyncio.timeout(10):
            await wire.ended()
        writer.close()
        await assessed(api.client)


@pytest.mark.parametrize(
    ("address", "port", "expected"),
    [
        ("127.0.0.1:0", 5, "127.0.0.1:5"),
        ("[::1]:0", 5, "[::1]:5"),
        ("127.0.0.1:7", 0, "127.0.0.1:7"),
        ("unix:/a:b", 5, "unix:/a:b"),
    ],
)
def test_the_port_that_was_free_is_kept(address: str, port: int, expected: str) -> None:
    assert with_port(address, port) == expected
