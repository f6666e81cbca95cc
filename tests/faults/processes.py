"""Children of the tests: started, awaited, killed, and gone with us whatever happens."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.faults import launch

START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_LAST_LINES = 15
_given: set[int] = set()


class ProcessError(AssertionError):
    """A child did not do what it was started for; the text ends with its log's last lines."""


class Child:
    """One program, started as often as the test needs it: killed, it can be started again."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.command = list(command)
        self.log = log
        self.environment = dict(environment or {})
        self.disk: tuple[Path, int] | None = None
        """A folder that is a disk of its own when it runs, and its bytes; see launch.py."""
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self._begins = 0

    def start(self) -> None:
        """Start it."""
        # PDEATHSIG fires at the end of the thread that forked.
        assert threading.current_thread() is threading.main_thread()
        assert not self.alive
        options: list[str] = []
        if self.disk is not None:
            options += ["--disk", str(self.disk[0]), "--bytes", str(self.disk[1])]
        if self._user is not None:
            options += ["--user", self._user]
        self._begins = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid())),
                    *(*options, "--", *self.command),
                ],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def inside(self, path: Path) -> Path:
        """Return where we find a path that it sees."""
        return Path(f"/proc/{self.pid}/root") / path.relative_to("/")

    def said(self) -> str:
        """Return what it wrote since it was started last."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(self._begins)
            return file.read().decode(errors="replace")

    async def until(self, ready: Callable[[], bool], seconds: float = START_SECONDS) -> None:
        """Wait until it is ready. Raises ProcessError where it ends before, or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive or time.monotonic() > deadline:
                what = "is not ready in time" if self.alive else "ended"
                last = "\n".join(self.said().splitlines()[-_LAST_LINES:])
                raise ProcessError(f"{' '.join(self.command)} {what}:\n{last}")
            await asyncio.sleep(0.005)

    def end_input(self) -> None:
        """Close its standard input."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended takes none."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self, *, family: bool = False) -> None:
        """End it at once, as a crash would, and wait until it is gone; with `family` its children
        and theirs too."""
        members = _family(self.pid) if family else []
        self.signal(signal.SIGKILL)
        for member in members:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
        while any(map(_runs, members)):
            time.sleep(0.001)

    async def ended(self, seconds: float = _STOP_SECONDS) -> int:
        """Wait for its end and return its status. Raises ProcessError where it does not come."""
        assert self._process is not None
        deadline = time.monotonic() + seconds
        while (status := self._process.poll()) is None:
            if time.monotonic() > deadline:
                raise ProcessError(f"{' '.join(self.command)} does not end:\n{self.said()[-2000:]}")
            await asyncio.sleep(0.005)
        return status

    async def stop(self) -> None:
        """End it in good order, or at once where it takes too long; what it left is killed."""
        if self._process is None:
            return
        self.end_input()
        self.signal(signal.SIGTERM)
        try:
            await self.ended()
        except ProcessError:
            self.kill()
        self.discard()

    def discard(self) -> None:
        """End it and all that it started at once."""
        if self._process is not None:
            self.end_input()
            self.kill(family=True)


def _family(pid: int) -> list[int]:
    """Return the children of a process, and theirs."""
    found: list[int] = []
    # One that ends while it is looked at has none.
    with suppress(OSError):
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, tasks.read_text().split()):
                found += [child, *_family(child)]
    return found


def _runs(pid: int) -> bool:
    """Whether a process runs: it is there, and more than a zombie that nobody waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port(*, beside: int = 0) -> int:
    """Return a free TCP port of loopback, whose port `beside` further up is free too."""
    while True:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            if port in _given or port + beside > 65_535:
                continue
            try:
                if beside:
                    other.bind(("127.0.0.1", port + beside))
            except OSError:
                continue
            _given.add(port)
            return port
