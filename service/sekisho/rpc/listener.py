"""gRPC's server, begun anew should it break: one bad request must not silence a process for good.

From 1.84 on grpcio reads a call's path as UTF-8 where it takes calls over; bytes that are none end
that loop and with it the server, while the process lives on and nothing listens.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import grpc
import structlog

from sekisho import logs

LOOK_SECONDS: Final = 0.1
"""How often to look whether the server still takes calls."""

_AGAIN_SECONDS = 1.0

_log = structlog.get_logger("sekisho.rpc")


class Listener:
    """Keeps a server listening until it is told to stop."""

    def __init__(
        self,
        make: Callable[[], grpc.aio.Server],
        listen: Callable[[grpc.aio.Server, int], int],
        grace_seconds: float,
    ) -> None:
        """`listen` makes a server listen at a port, of which 0 is the one of the address."""
        self._make = make
        self._listen = listen
        self._grace_seconds = grace_seconds
        self._server = make()
        self._keeping: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Listen, and return the port. Raises what `listen` does."""
        port = self._listen(self._server, 0)
        await self._server.start()
        self._keeping = asyncio.create_task(self._keep(port))
        return port

    async def stop(self) -> None:
        """Take no more calls, and let those under way end."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await asyncio.gather(self._server.stop(self._grace_seconds), *self._ending)

    async def _keep(self, port: int) -> None:
        while True:
            try:
                while await self._server.wait_for_termination(LOOK_SECONDS):
                    pass
                return
            except Exception as error:
                _log.error("listener.broke", **logs.describe(error))
            # Those whose calls are under way have done nothing wrong.
            ending = asyncio.create_task(self._server.stop(self._grace_seconds))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)
            while not await self._begin_anew(port):
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _begin_anew(self, port: int) -> bool:
        server = self._make()
        try:
            self._listen(server, port)
            await server.start()
        except (RuntimeError, OSError) as error:
            _log.error("listener.taken", **logs.describe(error))
            return False
        self._server = server
        return True
