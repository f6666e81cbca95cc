"""A `sekisho serve` of several workers on PostgreSQL, and what a test asks of its processes."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from sekisho import settings


def socket_url(url: str) -> str:
    """Return the URL of a PostgreSQL's socket with the folder as its host."""
    parts = urlsplit(url)
    folder = quote(parse_qs(parts.query)["host"][0], safe="")
    return f"postgresql://{parts.username}@{folder}{parts.path}"


@dataclass
class Crewed:
    """A running parent."""

    process: subprocess.Popen[str]
    address: str
    log: Path

    def workers(self) -> set[int]:
        """Return the pids of its workers."""
        return workers_of(self.process.pid)

    def said(self, event: str) -> int:
        """Return how often the log has an event, of the parent or any worker."""
        return self.log.read_text().count(f'"event":"{event}"')

    def relieve(self, seconds: float = 240) -> None:
        """Relieve all workers, and wait until that is done."""
        before = self.said("workers.relieved")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.said("workers.relieved") > before, seconds)


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def workers_of(parent: int) -> set[int]:
    """Return the pids of a parent's workers."""
    return {pid for pid in children_of(parent) if b"--seat" in _read(pid, "cmdline")}


def children_of(parent: int) -> set[int]:
    """Return the pids of a process's children."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            stat = _read(int(entry.name), "stat")
            # The name in parentheses may hold anything.
            if stat and int(stat.rpartition(b")")[2].split()[1]) == parent:
                found.add(int(entry.name))
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    stat = _read(pid, "stat")
    return bool(stat) and stat.rpartition(b")")[2].split()[0] != b"Z"


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


@contextmanager
def serving(
    folder: Path, database_url: str, workers: int = 2, given: Mapping[str, str] | None = None
) -> Iterator[Crewed]:
    """Run a parent with its workers on a free port; `given` are settings by name."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = folder / "keys.toml"
    keys.write_text(f'[[keys]]\nid = "k1"\nsecret = "{"ab" * 32}"\n')
    wanted = {
        "data_dir": str(folder / "data"),
        "console": "false",
        "listen": "127.0.0.1:0",
        "database_url": socket_url(database_url),
        "keys_file": str(keys),
        # On a machine that does much else, Python alone takes its time.
        "worker_start_seconds": "120",
        **(given or {}),
    }
    environment = settings.environment_without_settings() | {
        f"SEKISHO_{name.upper()}": value for name, value in wanted.items()
    }
    log = folder / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "sekisho.cli", "serve", "--workers", str(workers)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout
            found = re.match(r"sekisho serves on (\S+) ", process.stdout.readline())
            assert found, log.read_text()
            yield Crewed(process, found[1], log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
