"""HTTP/2 by hand: what no client library would send, and what came back."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    range(10)
)
END_STREAM = ACK = 0x1
END_HEADERS = 0x4

NO_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


@dataclass(frozen=True)
class Frame:
    """One frame."""

    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    """Return a frame's bytes."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def headers(*pairs: tuple[str, str]) -> bytes:
    """Return a header block, every field a literal that is not indexed."""
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in pairs)


def _text(text: str) -> bytes:
    raw = text.encode("latin-1")
    length, low = len(raw), b""
    if length < 127:
        return bytes([length]) + raw
    length -= 127
    while length >= 128:
        low += bytes([length % 128 + 128])
        length //= 128
    return b"\x7f" + low + bytes([length]) + raw


def call(method: str, *more: tuple[str, str], stream: int = 1) -> bytes:
    """Return the headers with which a call of `Service.Method` begins."""
    return call_at(f"/sekisho.v1.{method.replace('.', '/')}", *more, stream=stream)


def call_at(path: str, *more: tuple[str, str], stream: int = 1) -> bytes:
    """Return the headers with which a call of any path begins."""
    block = headers(
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
        *more,
    )
    return frame(HEADERS, END_HEADERS, stream, block)


def message(body: bytes, stream: int = 1) -> bytes:
    """Return the frame of a call's one message, which ends what its caller sends."""
    return frame(DATA, END_STREAM, stream, struct.pack(">BI", 0, len(body)) + body)


class Wire:
    """A connection on which any bytes can be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        """Send, as long as the other end takes it."""
        with suppress(ConnectionError):
            self._writer.write(b"".join(parts))
            await self._writer.drain()

    async def frames(self) -> AsyncIterator[Frame]:
        """Yield what comes back, until the other end closes."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await self._reader.readexactly(9)
                length = int.from_bytes(head[:3], "big")
                kind, flags, stream = struct.unpack(">BBI", head[3:])
                yield Frame(kind, flags, stream, await self._reader.readexactly(length))

    async def ended(self, stream: int = 1) -> bytes:
        """Wait for the end of a stream or of the connection; return all its header blocks."""
        blocks = b""
        async for came in self.frames():
            if came.kind == SETTINGS and not came.flags & ACK:
                await self.send(frame(SETTINGS, ACK))
            if came.stream == stream and came.kind == HEADERS:
                blocks += came.payload
            if came.stream == stream and (came.kind == RST_STREAM or came.flags & END_STREAM):
                break
        return blocks

    async def closed(self) -> None:
        """Wait until the other end closes."""
        with suppress(ConnectionError):
            while await self._reader.read(65_536):
                pass


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Wire]:
    """Connect to a port of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def greeted(port: int) -> AsyncIterator[Wire]:
    """Connect, and say what an HTTP/2 client says first."""
    async with connected(port) as wire:
        await wire.send(PREFACE, NO_SETTINGS)
        yield wire
