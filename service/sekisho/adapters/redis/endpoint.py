"""Where Redis is, and how to open a connection to it."""

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sekisho.adapters.redis.wire import Wire


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's address and our credentials. Its text never shows the password."""

    host: str = ""
    port: int = 6379
    path: str = ""
    """A local socket, instead of host and port."""
    user: str = ""
    password: str = field(default="", repr=False)
    database: int = 0
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    async def open(self) -> Wire:
        """Open a connection. Raises OSError, which TLS errors are too."""
        loop = asyncio.get_running_loop()
        if self.path:
            _, wire = await loop.create_unix_connection(Wire, self.path)
        else:
            _, wire = await loop.create_connection(Wire, self.host, self.port, ssl=self.tls)
        return wire

    def greetings(self) -> list[tuple[str | int, ...]]:
        """Return the commands that a new connection must be granted."""
        commands: list[tuple[str | int, ...]] = []
        if self.password:
            commands.append(("AUTH", *((self.user,) if self.user else ()), self.password))
        if self.database:
            commands.append(("SELECT", self.database))
        return commands


def endpoint(url: str, ca_file: Path | None = None) -> Endpoint:
    """Read `redis://[[user]:password@]host[:port][/database]`, `rediss://…` or `unix://path`.

    `ca_file` signed the certificate of a rediss:// server; without it the system's CAs count.
    Raises ValueError, whose text does not repeat the URL, and OSError for the file.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "unix" and parts.path:
        return Endpoint(path=unquote(parts.path), user=user, password=password)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname:
        raise ValueError("expected redis://HOST, rediss://HOST or unix:///PATH")
    number = parts.path.strip("/")
    if number and not number.isdecimal():
        raise ValueError("the URL's path is the number of a database")
    return Endpoint(
        host=parts.hostname,
        user=user,
        password=password,
        port=parts.port or 6379,
        database=int(number or 0),
        tls=ssl.create_default_context(cafile=ca_file) if parts.scheme == "rediss" else None,
    )
