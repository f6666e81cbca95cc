"""The console's web server."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp

_GRACE_SECONDS: Final = 2
"""How long answers under way may take at the end; live streams never end by themselves."""


class _Server(uvicorn.Server):
    """Leaves the signals to its process, and tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Serve until `stop`; `ready` is told once it answers. `tls` is a certificate and its key.

    Raises OSError, ssl.SSLError among it, where the files cannot be used, and RuntimeError where
    the application does not start.
    """
    certificate, key = tls or (None, None)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever stands in front of the console is not asked who calls: nothing hangs on it.
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    config.load()
    server = _Server(config, ready)
    running = asyncio.create_task(server.serve([listener]))
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopped.cancel()
        await running
    if not (server.started or stop.is_set()):
        raise RuntimeError("the application does not start")
