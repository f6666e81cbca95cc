"""Stands between two programs, and does to their bytes what networks and dying servers do.

It carries TCP and local sockets. What is wrong is switched while it runs, for connections that
are open and for those to come.
"""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

_CHUNK = 65_536


class Fault(Enum):
    """What happens to bytes on their way."""

    NONE = auto()
    STALL = auto()
    """Connections are accepted, nothing is passed on either way; what came meanwhile is passed
    on afterwards."""
    MUTE = auto()
    """One-way: requests arrive, answers do not until the fault ends."""
    DEAF = auto()
    """One-way: requests do not arrive, and are lost."""
    CUT = auto()
    """After `after` bytes of answers the connection is closed in mid-reply."""
    RESET = auto()
    """As CUT, but the connection is reset (RST)."""
    HALF_OPEN = auto()
    """The server's side is closed; the client is not told and hears nothing more."""
    GARBAGE = auto()
    """Answers are replaced by bytes that mean nothing."""
    REFUSE = auto()
    """Open connections are reset, and new ones at once."""


@dataclass(eq=False)
class _Carried:
    """One connection: its two ends."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    answered: int = 0
    half_open: bool = False


@dataclass(eq=False)
class Proxy:
    """A running proxy. `address` is `host:port` or the path of a local socket."""

    address: str = ""
    connections: int = 0
    """Accepted so far."""
    delay: float = 0.0
    """Seconds by which every answer is late."""
    fault: Fault = Fault.NONE
    after: int = 0
    """For CUT and RESET: bytes of answers that still pass."""
    cut_at: bytes = b""
    """For CUT and RESET: the bytes are counted from the client's sending this; b"": at once."""
    cuts: int = 0
    """Connections cut or reset in mid-reply so far."""
    _carried: set[_Carried] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _armed: bool = False

    def switch(
        self, fault: Fault, *, after: int = 0, cut_at: bytes = b"", delay: float | None = None
    ) -> None:
        """Begin a fault, or end it with NONE. REFUSE and HALF_OPEN act on open connections now."""
        self.fault, self.after, self.cut_at = fault, after, cut_at
        self._armed = not cut_at
        if delay is not None:
            self.delay = delay
        self._changed.set()
        self._changed = asyncio.Event()
        for carried in list(self._carried):
            if fault is Fault.REFUSE:
                _reset(carried.client)
            elif fault is Fault.HALF_OPEN:
                carried.half_open = True
                carried.server.close()

    @property
    def open(self) -> int:
        """How many connections are open."""
        return len(self._carried)

    async def _while(self, *faults: Fault) -> None:
        while self.fault in faults:
            await self._changed.wait()

    async def _requests(self, carried: _Carried, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            await self._while(Fault.STALL)
            if self.fault is Fault.DEAF or carried.half_open:
                continue
            if self.cut_at and self.cut_at in data:
                self._armed = True
            carried.server.write(data)
            await carried.server.drain()

    async def _answers(self, carried: _Carried, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(_CHUNK):
            if self.delay:
                await asyncio.sleep(self.delay)
            await self._while(Fault.STALL, Fault.MUTE)
            if self.fault is Fault.GARBAGE:
                data = os.urandom(len(data))
            elif self.fault in (Fault.CUT, Fault.RESET) and self._armed:
                carried.answered += len(data)
                if carried.answered > self.after:
                    self.cuts += 1
                    carried.client.write(data[: max(0, self.after + len(data) - carried.answered)])
                    if self.fault is Fault.RESET:
                        _reset(carried.client)
                    return
            carried.client.write(data)
            await carried.client.drain()

    async def carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: str
    ) -> None:
        """Carry one connection to the server until either side ends."""
        self.connections += 1
        if self.fault is Fault.REFUSE:
            _reset(writer)
            return
        try:
            await self._while(Fault.STALL)
            back, there = await _connected(server)
        except OSError:
            _reset(writer)
            return
        carried = _Carried(writer, there)
        self._carried.add(carried)
        ways = [
            asyncio.ensure_future(self._requests(carried, reader)),
            asyncio.ensure_future(self._answers(carried, back)),
        ]
        try:
            with suppress(OSError):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                if carried.half_open:
                    await ways[0]
        finally:
            self._carried.discard(carried)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()
            there.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close a connection so that its peer sees a reset where the transport knows one."""
    there: socket.socket | None = writer.get_extra_info("socket")
    if there is not None and there.family != socket.AF_UNIX:
        with suppress(OSError):
            there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _connected(server: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if server.startswith("/"):
        return await asyncio.open_unix_connection(server)
    host, _, port = server.rpartition(":")
    return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def proxy(server: str, listen: Path | None = None) -> AsyncIterator[Proxy]:
    """Stand before a server (`host:port` or a local socket's path): on a free port of loopback,
    or at the local socket `listen`."""
    state = Proxy()
    open_now: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        task.add_done_callback(open_now.discard)
        # Cancelled at the end; before Python 3.12 a stream's server takes that for an error.
        with suppress(asyncio.CancelledError):
            await state.carry(reader, writer, server)

    if listen is None:
        running: asyncio.Server = await asyncio.start_server(serve, "127.0.0.1", 0)
        state.address = f"127.0.0.1:{running.sockets[0].getsockname()[1]}"
    else:
        running = await asyncio.start_unix_server(serve, listen)
        state.address = str(listen)
    try:
        yield state
    finally:
        running.close()
        await _ended(list(open_now))


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
