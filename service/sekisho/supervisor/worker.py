"""One worker: a process of its own, from its start to its end."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Sequence

import structlog

from sekisho.starting import StartError
from sekisho.supervisor.seat import Orders, problems_in

_log = structlog.get_logger(__name__)


class Worker:
    """A process that serves, or is about to. It ends with this one, however this one ends."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Take a process and the parent's end of its seat; see `start`."""
        self._process = process
        self._reader = reader
        self._writer = writer
        self._served_at: float | None = None

    @classmethod
    async def start(cls, command: Sequence[str], orders: Orders) -> "Worker":
        """Start a process that runs `command --seat DESCRIPTOR`. Raises StartError."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    "--seat",
                    str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),),
                    stdin=asyncio.subprocess.DEVNULL,
                    # Ctrl-C reaches the parent only, which then ends its workers in good order.
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise StartError((f"a worker cannot be started: {error.strerror}",)) from None
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(orders.line())
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def served_seconds(self) -> float:
        """For how long it has served; 0 before it does."""
        return 0.0 if self._served_at is None else time.monotonic() - self._served_at

    async def serves(self, seconds: float) -> None:
        """Wait until it serves. Raises StartError where it ends first or takes longer."""
        try:
            async with asyncio.timeout(seconds):
                line = await self._reader.readline()
        except TimeoutError:
            raise StartError((f"a worker did not serve within {seconds:g} s",)) from None
        except OSError:
            line = b""
        if not line:
            status = await self.ended()
            raise StartError((f"a worker ended before it served ({_in_words(status)})",))
        if problems := problems_in(line):
            raise StartError(problems)
        self._served_at = time.monotonic()

    async def ended(self) -> int:
        """Wait for its end; return its exit status, or minus the signal that ended it."""
        return await self._process.wait()

    async def stop(self, seconds: float) -> None:
        """Let it drain and end; kill it where that takes longer."""
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(seconds):
                await self.ended()
        except TimeoutError:
            _log.error("worker.killed", pid=self.pid, after_seconds=seconds)
            await self.kill()
        self._writer.close()

    async def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)
        await self.ended()
        self._writer.close()

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


def _in_words(status: int) -> str:
    return f"status {status}" if status >= 0 else signal.Signals(-status).name
