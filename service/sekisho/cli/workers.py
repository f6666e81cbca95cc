"""The two sides of `sekisho serve --workers N`: the parent, and each of its workers."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from sekisho import logs, telemetry
from sekisho.cli.serve import beside
from sekisho.setting_values import Address
from sekisho.settings import Settings, open_telemetry_variables
from sekisho.starting import StartError, embedded_valkey
from sekisho.supervisor import port
from sekisho.supervisor.crew import Crew
from sekisho.supervisor.post import Patience
from sekisho.supervisor.seat import Orders

_RELEASE_SECONDS = 3.0
"""How long the workers of a parent that was killed may hold the port after their drain."""


def lead(settings: Settings, settings_file: Path | None, ready: Callable[[str], None]) -> None:
    """Run the workers that the settings want until SIGTERM or SIGINT. Raises StartError."""
    logs.configure(settings.log_level)
    asyncio.run(_lead(settings, settings_file, ready))


async def _lead(
    settings: Settings, settings_file: Path | None, ready: Callable[[str], None]
) -> None:
    listen = settings.listen
    async with AsyncExitStack() as stack:
        if listen.port:
            patience = settings.drain_wait_seconds + _RELEASE_SECONDS
            await port.free(listen.host, listen.port, patience)
        number = stack.enter_context(port.held(listen.host, listen.port))
        address = replace(listen, port=number)
        valkey = await embedded_valkey(settings, stack)
        crew: Crew | None = None

        def running() -> int:
            return crew.running if crew else 0

        try:
            counts = telemetry.WorkerCounts(open_telemetry_variables(), settings.workers, running)
        except ValueError as error:
            raise StartError((str(error),)) from None
        stack.callback(counts.close)
        crew = Crew(
            tuple(_command(settings_file)),
            Orders(address.host, number, settings.workers, valkey.url if valkey else ""),
            Patience(settings.worker_start_seconds, settings.stop_seconds),
            counts.restarted,
        )
        begin = await stack.enter_async_context(beside(settings, settings_file))

        def all_serve() -> None:
            ready(str(address))
            begin(str(address))

        await crew.run(all_serve)


def ordered(settings: Settings, orders: Orders) -> Settings:
    """Return a worker's settings: its own, and above them what its parent orders."""
    return replace(
        settings,
        listen=Address(orders.host, orders.port),
        workers=orders.workers,
        redis_url=orders.redis_url or settings.redis_url,
    )


def _command(settings_file: Path | None) -> Iterator[str]:
    # Safe path: no module of the folder where it was started comes before Python's own.
    yield from (sys.executable, "-P", "-m", "sekisho.cli", "serve")
    if settings_file is not None:
        yield from ("--settings", str(settings_file))
