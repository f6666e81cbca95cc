"""What may stand between a terminal and the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Network:
    """Passes bytes on to the service, unless told otherwise."""

    address: str = ""
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where the connections that are open stall; later ones do not."""

    def freeze(self) -> None:
        """Pass nothing on any more over what is open, and close none of it."""
        self.frozen.set()
        self.frozen = asyncio.Event()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


@asynccontextmanager
async def network(to: str | None) -> AsyncIterator[Network]:
    """Listen for a terminal and pass on to an address; to None, accept and never answer."""
    state = Network()
    running: set[asyncio.Task[None]] = set()

    async def pump(
        source: asyncio.StreamReader, target: asyncio.StreamWriter, frozen: asyncio.Event
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if frozen.is_set():
                    continue
                target.write(data)
        if not frozen.is_set():
            target.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        state.writers.append(writer)
        frozen = state.frozen
        if to is None:
            return
        try:
            host, port = to.rsplit(":", 1)
            back, forth = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        state.writers.append(forth)
        for way in (pump(reader, forth, frozen), pump(back, writer, frozen)):
            task = asyncio.create_task(way)
            running.add(task)
            task.add_done_callback(running.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    state.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        server.close()
        state.cut()
        for task in running:
            task.cancel()
