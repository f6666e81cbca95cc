"""The console beside a service: a process of its own, which ends with this one."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog

from sekisho.supervisor.crashes import LOOP, Crashes

_log = structlog.get_logger(__name__)
_STOP_SECONDS: Final = 5.0


@asynccontextmanager
async def beside(
    command: Callable[[str], Sequence[str]], environment: Mapping[str, str] | None
) -> AsyncIterator[Callable[[str], None]]:
    """Yield what starts the console once it is told the service's address; end it at the end.

    `command` makes its command line of that address. It is started again wherever it ends by
    itself. Nothing waits for it, and that it fails is told in the log only: the service owes the
    shops its answers, console or not.
    """
    keeping: list[asyncio.Task[None]] = []

    def begin(address: str) -> None:
        keeping.append(asyncio.create_task(_keep(command(address), environment)))

    try:
        yield begin
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)


async def _keep(command: Sequence[str], environment: Mapping[str, str] | None) -> None:
    crashes = Crashes()
    while True:
        began = time.monotonic()
        try:
            about: dict[str, object] = {"status": await _run(command, environment)}
        except OSError as error:
            about = {"error": error.strerror}
        seconds = crashes.pause(time.monotonic() - began)
        tell = _log.error if crashes.in_a_row >= LOOP else _log.warning
        event = "console.crash_loop" if crashes.in_a_row >= LOOP else "console.ended"
        tell(event, in_a_row=crashes.in_a_row, next_try_in_seconds=round(seconds, 2), **about)
        await asyncio.sleep(seconds)


async def _run(command: Sequence[str], environment: Mapping[str, str] | None) -> int:
    """Run the console until it ends, or until this is cancelled; return its status.

    It holds the read end of a pipe whose write end is here: should this process be killed, the
    pipe ends, and the console with it.
    """
    read_end, write_end = os.pipe()
    try:
        try:
            # Not by asyncio: uvloop forks, which gRPC notices and complains of; this does not.
            process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own interpreter and module
                [*command, "--lifeline", str(read_end)],
                pass_fds=(read_end,),
                env=environment,
                stdin=subprocess.DEVNULL,
                # Ctrl-C reaches this process only, which then ends the console.
                start_new_session=True,
            )
        finally:
            os.close(read_end)
        try:
            return await _ended(process)
        finally:
            await _end(process)
    finally:
        os.close(write_end)


async def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for its end, without a thread that waits too; return its status."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    descriptor = os.pidfd_open(process.pid)
    try:
        loop.add_reader(descriptor, ended.set)
        await ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return process.wait()


async def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await _ended(process)
        except TimeoutError:
            process.kill()
            process.wait()
