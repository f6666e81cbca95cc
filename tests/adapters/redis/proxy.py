"""Stands between a client and a server, and does what networks do."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Proxy:
    """Passes bytes on, unless told otherwise."""

    url: str = ""
    connections: int = 0
    prefix: bytes = b""
    """Sent to the client once, before the server's next answer."""
    silent: asyncio.Event = field(default_factory=asyncio.Event)
    """Answers pass while it is set."""


@asynccontextmanager
async def proxy(
    server: str, folder: Path, context: ssl.SSLContext | None = None
) -> AsyncIterator[Proxy]:
    """Stand before the server at this local socket; with a context, as rediss:// at localhost."""
    state = Proxy()
    state.silent.set()
    tasks: set[asyncio.Task[None]] = set()

    async def answers(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await state.silent.wait()
            target.write(state.prefix + data)
            state.prefix = b""
        target.close()

    async def serve(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        state.connections += 1
        reader, writer = await asyncio.open_unix_connection(server.removeprefix("unix://"))
        task = asyncio.create_task(answers(reader, back))
        tasks.add(task)
        with suppress(ConnectionError):
            while data := await client.read(65536):
                writer.write(data)
        writer.close()

    if context is None:
        path = folder / "proxy"
        running: asyncio.Server = await asyncio.start_unix_server(serve, path)
        state.url = f"unix://{path}"
    else:
        running = await asyncio.start_server(serve, "localhost", 0, ssl=context)
        state.url = f"rediss://localhost:{running.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        running.close()
        for task in tasks:
            task.cancel()
