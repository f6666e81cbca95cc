"""A wire between the service and PostgreSQL, which can be cut or held at a chosen place."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_HEAD = 5
"""Bytes of a message before its content: type and length."""

_SHARE = 0.3


def name(url: str) -> str:
    """Return the database that a URL names."""
    return url.partition("@/")[2].partition("?")[0]


class Wire:
    """Carries connections, and counts what the service sends: a chunk is one message or several
    that were sent together."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self.cut_at: bytes | None = None
        """Where the service sends this, PostgreSQL gets it and its reply never comes."""
        self.skip = 0
        """How often it may send this before."""
        self.lose = False
        """PostgreSQL does not even get what the connection is cut at."""
        self.refuse_after = False
        """After a cut no connection is made any more."""
        self.refusing = False
        self.cuts = 0
        self.last = b""
        """What the connection was cut at."""
        self.garble: random.Random | None = None
        """Replies are as long as they were, with other content, by this chance."""
        self.connections = 0
        """Connections made so far."""
        self._moving = asyncio.Event()
        self._moving.set()

    def hold(self) -> None:
        """Carry nothing any more: both ends stay connected and hear nothing."""
        self._moving.clear()

    def go_on(self) -> None:
        """Carry what was held, and all that follows."""
        self._moving.set()

    async def carry(self, inner: asyncio.StreamReader, outer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        self.connections += 1
        if self.refusing:
            outer.transport.abort()
            return
        await self._moving.wait()
        reader, writer = await asyncio.open_unix_connection(self._socket)
        back = asyncio.create_task(self._copy(reader, outer))
        with suppress(ConnectionError):
            while data := await inner.read(65_536):
                await self._moving.wait()
                cut = self._cut_here(data)
                if not (cut and self.lose):
                    writer.write(data)
                    await writer.drain()
                if cut:
                    back.cancel()
                    await asyncio.wait([back])
                    # It has done as it was told when it closes its side in turn.
                    writer.write_eof()
                    await reader.read()
                    break
        back.cancel()
        for end in (writer, outer):
            end.close()

    def _cut_here(self, data: bytes) -> bool:
        if self.cut_at is None or self.cut_at not in data:
            return False
        self.skip -= 1
        if self.skip >= 0:
            return False
        self.cut_at = None
        self.skip = 0
        self.cuts += 1
        self.last = data
        self.refusing = self.refuse_after
        return True

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._moving.wait()
                writer.write(data if self.garble is None else _garbled(data, self.garble))
                await writer.drain()
        writer.close()


def _garbled(data: bytes, chance: random.Random) -> bytes:
    """Return messages with some of their content changed: their types and lengths mostly stay, so
    that they are read further than a wrong type would be."""
    changed = bytearray(data)
    start = 0
    while start + _HEAD <= len(data):
        length = int.from_bytes(data[start + 1 : start + _HEAD], "big")
        end = min(start + 1 + length, len(data))
        for place in range(start + _HEAD, end):
            if chance.random() < _SHARE:
                changed[place] = chance.randrange(256)
        start = max(end, start + _HEAD)
    return bytes(changed)


@asynccontextmanager
async def wired(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """Run a wire to a database; the URL goes through it."""
    wire = Wire(f"{url.partition('?host=')[2]}/.s.PGSQL.5432")
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield wire, f"postgresql://postgres@127.0.0.1:{port}/{name(url)}"
    finally:
        server.close()
