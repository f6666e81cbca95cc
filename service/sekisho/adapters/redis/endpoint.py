"""A server's address, and how to open a connection to it."""

import asyncio
import ssl
from dataclasses import field
from typing import Final

from sekisho.adapters.redis.wire import Wire, check
from sekisho.domain.value import value

_PATIENCE_SECONDS: Final = 2.0


@value
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

    @property
    def name(self) -> str:
        """The address as the log names it."""
        return self.path or f"{self.host}:{self.port}"

    async def open(self) -> Wire:
        """Open a connection and sign in. Raises OSError, which TLS errors are too."""
        loop = asyncio.get_running_loop()
        if self.path:
            _, wire = await loop.create_unix_connection(Wire, self.path)
        else:
            _, wire = await loop.create_connection(Wire, self.host, self.port, ssl=self.tls)
        try:
            # Operators see the name; a user who may not give one may connect all the same.
            hello = (*self._greetings(), ("CLIENT", "SETNAME", "sekisho"))
            *granted, _ = await wire.calls(hello, _PATIENCE_SECONDS)
            for answer in granted:
                check(wire, answer)
        except BaseException:
            wire.abort()
            raise
        return wire

    def _greetings(self) -> list[tuple[str | int, ...]]:
        """Return the commands that a new connection must be granted."""
        commands: list[tuple[str | int, ...]] = []
        if self.password:
            commands.append(("AUTH", *((self.user,) if self.user else ()), self.password))
        if self.database:
            commands.append(("SELECT", self.database))
        return commands
