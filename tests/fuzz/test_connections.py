"""Rubbish at the port: connections that speak no HTTP/2, break it, or use it to exhaust.

After each the service answers as before, and holds no more than before (see `unharmed`).
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.conftest import Target
from tests.fuzz.test_messages import FUZZ
from tests.support import http2, requests
from tests.support.http2 import Wire, frame

ASSESS = "RiskCheckService.AssessSimChange"
BODY = requests.assess().SerializeToString()
FLOOD = 3000
"""Frames of a flood."""

PATIENCE_SECONDS = 0.2
"""How long to wait for the service to close a connection that it may as well keep."""


async def say(target: Target, *parts: bytes, greet: bool = True) -> None:
    """Send on a connection of its own, read what comes for a while, and hang up."""
    connect = http2.greeted if greet else http2.connected
    async with connect(target.served.port) as wire:
        await wire.send(*parts)
        await hear(wire)


async def hear(wire: Wire) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await wire.closed()
    except TimeoutError:
        pass


@FUZZ
@given(st.binary(max_size=400))
async def test_random_bytes(target: Target, rubbish: bytes) -> None:
    async with http2.connected(target.served.port) as wire:
        await wire.send(rubbish)


async def test_half_a_preface_of_every_length(target: Target) -> None:
    for length in range(len(http2.PREFACE) + 1):
        async with http2.connected(target.served.port) as wire:
            await wire.send(http2.PREFACE[:length])


async def test_http_1(target: Target) -> None:
    await say(target, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", greet=False)


async def test_a_tls_hello_at_a_port_without_tls(target: Target) -> None:
    hello = b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(160)
    await say(target, hello, greet=False)


FRAMES = st.builds(
    frame,
    st.integers(0, 255),
    st.integers(0, 255),
    st.sampled_from([0, 1, 2, 3, 5, 2**31 - 1]),
    st.binary(max_size=100),
)


@FUZZ
@given(st.lists(FRAMES, min_size=1, max_size=8))
async def test_random_frames(target: Target, frames: Sequence[bytes]) -> None:
    async with http2.greeted(target.served.port) as wire:
        await wire.send(*frames)


@FUZZ
@given(block=st.binary(max_size=120), more=st.lists(FRAMES, max_size=3))
async def test_random_header_blocks(target: Target, block: bytes, more: Sequence[bytes]) -> None:
    async with http2.greeted(target.served.port) as wire:
        await wire.send(frame(http2.HEADERS, http2.END_HEADERS, 1, block), *more)


@FUZZ
@given(st.data())
async def test_a_good_call_with_some_bytes_changed_on_the_wire(
    target: Target, data: st.DataObject
) -> None:
    said = bytearray(http2.PREFACE + http2.NO_SETTINGS + http2.call(ASSESS) + http2.message(BODY))
    first = len(http2.PREFACE)
    for _ in range(data.draw(st.integers(1, 6))):
        said[data.draw(st.integers(first, len(said) - 1))] = data.draw(st.integers(0, 255))
    async with http2.connected(target.served.port) as wire:
        await wire.send(bytes(said[: data.draw(st.integers(first, len(said)))]))


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(http2.NO_SETTINGS, id="settings"),
        pytest.param(frame(http2.SETTINGS, payload=b"\x00\x04\x7f\xff\xff\xff"), id="windows"),
        pytest.param(frame(http2.PING, payload=b"12345678"), id="pings"),
        pytest.param(frame(http2.WINDOW_UPDATE, payload=b"\x00\x00\x00\x01"), id="window updates"),
        pytest.param(frame(http2.PRIORITY, 0, 1, b"\x00\x00\x00\x03\x10"), id="priorities"),
        pytest.param(frame(http2.RST_STREAM, 0, 1, b"\x00\x00\x00\x08"), id="resets"),
        pytest.param(frame(http2.GOAWAY, payload=bytes(8)), id="goaways"),
        pytest.param(frame(0xEE, payload=b"x" * 100), id="unknown frames"),
    ],
)
async def test_a_flood_of_small_frames(target: Target, one: bytes) -> None:
    await say(target, one * FLOOD)


async def test_streams_reset_as_soon_as_they_begin(target: Target) -> None:
    reset = b"\x00\x00\x00\x08"
    streams = range(1, 2 * 1000, 2)
    await say(
        target,
        *(
            http2.call(ASSESS, stream=stream) + frame(http2.RST_STREAM, 0, stream, reset)
            for stream in streams
        ),
    )


async def test_streams_that_send_their_message_and_reset(target: Target) -> None:
    reset = b"\x00\x00\x00\x08"
    for _ in range(20):
        rest = frame(http2.RST_STREAM, 0, 1, reset)
        async with http2.greeted(target.served.port) as wire:
            await wire.send(http2.call(ASSESS), http2.message(BODY), rest)


async def test_headers_that_never_end(target: Target) -> None:
    begin = frame(http2.HEADERS, 0, 1, http2.headers((":method", "POST")))
    await say(target, begin, frame(http2.CONTINUATION, 0, 1, http2.headers(("a", "b"))) * FLOOD)


@pytest.mark.parametrize("size", [9_000, 16_000, 200_000])
async def test_oversized_headers(target: Target, size: int) -> None:
    block = http2.headers((":method", "POST"), ("x", "y" * size))
    parts = [block[start : start + 16_000] for start in range(0, len(block), 16_000)]
    head = frame(http2.HEADERS, http2.END_HEADERS if len(parts) == 1 else 0, 1, parts[0])
    rest = [
        frame(http2.CONTINUATION, http2.END_HEADERS if last else 0, 1, part)
        for part, last in zip(
            parts[1:], [False] * (len(parts) - 2) + [True] * (len(parts) > 1), strict=True
        )
    ]
    await say(target, head, *rest)


async def test_a_message_that_says_it_is_longer_than_it_is(target: Target) -> None:
    for length in (5, 2**20, 2**32 - 1):
        body = b"\x00" + length.to_bytes(4, "big") + b"x"
        await say(target, http2.call(ASSESS), frame(http2.DATA, http2.END_STREAM, 1, body))


async def test_a_message_that_says_it_is_compressed(target: Target) -> None:
    body = b"\x01\x00\x00\x00\x05hello"
    await say(
        target,
        http2.call(ASSESS, ("grpc-encoding", "gzip")),
        frame(http2.DATA, http2.END_STREAM, 1, body),
    )


@pytest.mark.parametrize(
    "metadata",
    [
        ("grpc-timeout", "9" * 20 + "S"),
        ("grpc-timeout", "-1S"),
        ("grpc-timeout", "1x"),
        ("grpc-encoding", "nothing"),
        ("traceparent", "\xff" * 600),
        ("accept-language", "ja;q=" + "9" * 3000),
        ("grpc-trace-bin", "!!!"),
        ("content-length", "-5"),
    ],
    ids=lambda metadata: f"{metadata[0]} {metadata[1][:8]!r}",
)
async def test_metadata_that_means_nothing(target: Target, metadata: tuple[str, str]) -> None:
    await say(target, http2.call(ASSESS, metadata), http2.message(BODY))


async def test_many_connections_that_say_nothing(target: Target) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(200):
            await stack.enter_async_context(http2.connected(target.served.port))


async def test_many_calls_whose_message_comes_byte_by_byte_and_never_whole(
    target: Target,
) -> None:
    async with AsyncExitStack() as stack:
        wires = [
            await stack.enter_async_context(http2.greeted(target.served.port)) for _ in range(20)
        ]
        begun = http2.message(BODY)[:9]
        for wire in wires:
            await wire.send(*(http2.call(ASSESS, stream=stream) for stream in range(1, 21, 2)))
            await wire.send(begun)
        for byte in BODY[:10]:
            for wire in wires:
                await wire.send(bytes([byte]))


async def test_a_client_that_never_reads(target: Target) -> None:
    async with http2.greeted(target.served.port) as wire:
        for stream in range(1, 201, 2):
            await wire.send(http2.call(ASSESS, stream=stream), http2.message(BODY, stream=stream))


async def test_everything_at_once_from_many_connections(target: Target) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)

    async def one() -> None:
        parts = [http2.PREFACE, http2.NO_SETTINGS, http2.call(ASSESS), http2.message(BODY)]
        parts += [frame(chance.randrange(10), chance.randrange(256), 1, chance.randbytes(20))]
        chance.shuffle(parts)
        async with http2.connected(target.served.port) as wire:
            await wire.send(*parts)
            await hear(wire)

    try:
        await asyncio.gather(*(one() for _ in range(100)))
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
