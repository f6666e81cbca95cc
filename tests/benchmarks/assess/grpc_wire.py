"""gRPC as cheaply as Python can: HTTP/2 by hand.

A library's client costs as much as the server that is to be measured, and h2load sends one body
again and again. Here the headers never change, streams come in turn, and of an answer the status
alone is read.
"""

import asyncio
import struct
from collections import deque
from typing import Final, cast

from tests.benchmarks.assess.load import OK, Load
from tests.support import http2

_PATH: Final = "/sekisho.v1.RiskCheckService/AssessSimChange"
_HEADERS: Final = http2.headers(
    (":method", "POST"),
    (":scheme", "http"),
    (":path", _PATH),
    (":authority", "localhost"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
    ("grpc-timeout", "5S"),
)
_BEGIN: Final = http2.frame(http2.HEADERS, http2.END_HEADERS, 0, _HEADERS)
# The server must write headers out, so that the status can be found in them; and may send
# everything at once.
_HELLO: Final = (
    http2.PREFACE
    + http2.frame(http2.SETTINGS, payload=b"\x00\x01\x00\x00\x00\x00")
    + http2.frame(http2.WINDOW_UPDATE, payload=struct.pack(">I", 2**31 - 65_536))
)
_STATUSES: Final = {
    b"grpc-status\x010": OK,
    b"grpc-status\x018": "RESOURCE_EXHAUSTED",
    b"grpc-status\x011": "CANCELLED",
    b"grpc-status\x0214": "UNAVAILABLE",
}
_HEAD: Final = 9


def _status(trailers: bytes) -> str:
    for written, status in _STATUSES.items():
        if written in trailers:
            return status
    return repr(trailers[4:])


class GrpcWire(asyncio.Protocol):
    """A connection with several calls at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._window = 65_535
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._began: dict[int, float] = {}
        self._stream = -1
        self._out: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say what a client says first."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_HELLO)

    def call(self, together: int) -> None:
        """Make calls; the load says whether another one follows each that ends."""
        for _ in range(together):
            self._call()
        self._flush()

    def _call(self) -> None:
        call = self._load.begin()
        if call is not None:
            self._stream += 2
            self._began[self._stream], body = call
            self._waiting.append((self._stream, struct.pack(">BI", 0, len(body)) + body))

    def _flush(self) -> None:
        """Send as much as the server lets come."""
        out = self._out
        while self._waiting and len(self._waiting[0][1]) <= self._window:
            stream, body = self._waiting.popleft()
            self._window -= len(body)
            number = stream.to_bytes(4, "big")
            out += (_BEGIN[:5], number, _BEGIN[_HEAD:])
            out += (len(body).to_bytes(3, "big"), b"\x00\x01", number, body)
        if out:
            self._transport.write(b"".join(out))
            out.clear()

    def data_received(self, data: bytes) -> None:
        """Take frames."""
        buffer = self._buffer + data
        at, size = 0, len(buffer)
        while size - at >= _HEAD:
            end = at + _HEAD + int.from_bytes(buffer[at : at + 3], "big")
            if end > size:
                break
            self._take(buffer[at + 3], buffer[at + 4], buffer[at + 5 : end])
            at = end
        self._buffer = buffer[at:]
        self._flush()
        self._load.look()

    def _take(self, kind: int, flags: int, rest: bytes) -> None:
        """Take one frame; `rest` begins with its stream."""
        if kind == http2.HEADERS:
            if flags & http2.END_STREAM:
                began = self._began.pop(int.from_bytes(rest[:4], "big"))
                self._load.came(_status(rest), began)
                if self._load.again:
                    self._call()
        elif kind == http2.SETTINGS and not flags & http2.ACK:
            self._out.append(http2.frame(http2.SETTINGS, http2.ACK))
        elif kind == http2.PING and not flags & http2.ACK:
            self._out.append(http2.frame(http2.PING, http2.ACK, payload=rest[4:]))
        elif kind == http2.WINDOW_UPDATE and not any(rest[:4]):
            self._window += int.from_bytes(rest[4:], "big")
        elif kind == http2.GOAWAY or (
            # Who is refused before his message was read is told twice.
            kind == http2.RST_STREAM and int.from_bytes(rest[:4], "big") in self._began
        ):
            self._load.broke(ConnectionError(f"frame {kind}: {rest!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        self._load.broke(exc)
