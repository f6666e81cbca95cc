"""HTTP/1.1 as cheaply: one call at a time on a connection."""

import asyncio
from collections.abc import Iterator
from typing import Final, cast

import orjson
from google.protobuf.json_format import MessageToDict

from sekisho.v1 import risk_check_pb2
from tests.benchmarks.assess.load import OK, Load

_HEAD: Final = (
    b"POST /assess HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n"
)
_LENGTH: Final = b"content-length: "


def posts(bodies: Iterator[bytes]) -> Iterator[bytes]:
    """Yield requests as JSON, in the proto's own names."""
    for body in bodies:
        message = risk_check_pb2.AssessSimChangeRequest.FromString(body)
        told = orjson.dumps(MessageToDict(message, preserving_proto_field_name=True))
        yield _HEAD % len(told) + told


class WebWire(asyncio.Protocol):
    """A connection with one call at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for `call`."""
        self._transport = cast(asyncio.Transport, transport)

    def call(self, together: int) -> None:
        """Make a call, and another one when it ends."""
        assert together == 1, "HTTP/1.1 takes one at a time"
        call = self._load.begin()
        if call is not None:
            self._began, post = call
            self._transport.write(post)

    def data_received(self, data: bytes) -> None:
        """Take an answer."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        start = head.index(_LENGTH) + len(_LENGTH)
        if len(body) < int(head[start:].split(b"\r\n", 1)[0]):
            return
        self._buffer = b""
        ok = head.startswith(b"HTTP/1.1 200")
        self._load.came(OK if ok else f"{head[9:12]!r} {body[:200]!r}", self._began)
        self.call(1)
        self._load.look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so."""
        self._load.broke(exc)
