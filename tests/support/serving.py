"""`sekisho serve` as a process of its own, and what it holds at a moment."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sekisho import settings

ROOT = Path(__file__).parents[2]
TASKS_NAME = "tasks.json"
_READY = "sekisho serves on "
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process holds at a moment: resident KiB, descriptors, threads, asyncio's tasks."""

    memory_kib: int
    descriptors: int
    threads: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Served:
    """A server, where it listens (`host:port`), and where it writes its log."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    @property
    def port(self) -> int:
        """The port."""
        return int(self.address.rpartition(":")[2])

    async def usage(self) -> Usage:
        """Return what it holds now."""
        proc = Path(f"/proc/{self.process.pid}")
        status = dict(
            line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
        )
        return Usage(
            int(status["VmRSS"].split()[0]),
            sum(1 for _ in (proc / "fd").iterdir()),
            int(status["Threads"]),
            await self._tasks(),
        )

    async def _tasks(self) -> int:
        told = self.log.with_name(TASKS_NAME)
        told.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        async with asyncio.timeout(30):
            while not told.exists():
                await asyncio.sleep(0.01)
        count: int = json.loads(told.read_text())["tasks"]
        return count

    @property
    def cpu_seconds(self) -> float:
        """CPU that it has used, in user and kernel mode, all threads together."""
        return spent(self.process.pid)


def spent(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    folder: Path, *, page_cache_kib: int = 0, otel: Mapping[str, str] | None = None, **given: str
) -> Iterator[Served]:
    """Run the service in `folder` on a free port; `given` are settings by name.

    `page_cache_kib` other than 0 is SQLite's page cache, of each connection. `otel` are variables
    of OpenTelemetry.

    It ends with this process, however that ends: the server holds the read end of a pipe.
    """
    environment = settings.environment_without_settings() | {
        "SEKISHO_DATA_DIR": str(folder / "data"),
        "SEKISHO_CONSOLE": "false",
        "SEKISHO_LISTEN": "localhost:0" if "trust_domain" in given else "127.0.0.1:0",
        **{f"SEKISHO_{name.upper()}": value for name, value in given.items()},
        **(otel or {}),
    }
    log = folder / "serve.log"
    read_end, write_end = os.pipe()
    serve = [str(page_cache_kib), "serve", "--lifeline", str(read_end)]
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.observed", str(folder / TASKS_NAME), *serve],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                pass_fds=[read_end],
                start_new_session=True,
            )
    finally:
        os.close(read_end)
    try:
        yield Served(process, _address(process, log), log)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(write_end)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        ended = process.poll() is not None
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith(_READY):
                return line.removeprefix(_READY).split()[0]
        if ended:
            break
        time.sleep(0.02)
    raise AssertionError(f"the service did not start:\n{log.read_text(errors='replace')[-4000:]}")
