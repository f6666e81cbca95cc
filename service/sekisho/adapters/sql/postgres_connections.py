"""Connections to PostgreSQL: opened, lent and taken back within a bounded time."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import asyncpg

from sekisho.domain.errors import LedgerUnavailableError

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

T = TypeVar("T")

CONNECTIONS = 8
"""Connections of one worker at most."""

_FOR_ORDINARY = 5
"""What is not urgent has these at most: where they hang, the urgent changes still get theirs."""

CONNECT_SECONDS = 2.0
"""Longest wait for a new connection."""

_UNDO_SECONDS = 1.0
"""How long a server may take to stop what was given up. Then the connection is cut: what was not
committed on it never will be."""

_CLOSE_SECONDS = 5.0

_INSIST_ON_DURABILITY = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
"""A commit is answered when it is on the disk, whatever the server's default."""


async def connect(*args: Any, **settings: Any) -> "asyncpg.Connection[asyncpg.Record]":
    """Open a connection, as `asyncpg.connect` does, but all of it within CONNECT_SECONDS."""
    async with asyncio.timeout(CONNECT_SECONDS):
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(*args, **settings)
        try:
            await connection.execute(_INSIST_ON_DURABILITY)
        except BaseException:
            connection.terminate()
            raise
        return connection


async def heard(connection: Connection, asked: Awaitable[T]) -> T:
    """Await what the driver does over a connection.

    Bytes that mean nothing make its reader fail in ways of their own, and what it makes of the
    rest is anybody's guess: such a connection is closed, and that is a ConnectionError.
    """
    try:
        return await asked
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise
    except Exception as error:
        connection.terminate()
        raise ConnectionError(type(error).__name__) from None


class Lender:
    """Lends the connections of a pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._urgent = asyncio.Semaphore(CONNECTIONS)
        self._ordinary = asyncio.Semaphore(_FOR_ORDINARY)
        self._ending: set[asyncio.Task[None]] = set()

    def connection(self, *, urgent: bool) -> "Lent":
        """Lend a connection for the length of a block. LedgerUnavailableError where there is
        none to be had."""
        return Lent(self, self._urgent if urgent else self._ordinary)

    async def acquire(self, places: asyncio.Semaphore) -> Connection:
        """Take a place and a connection."""
        await places.acquire()
        try:
            return await self._pool.acquire()
        except Exception as error:
            # Whatever it is: nothing but the driver runs here, and it may have read rubbish.
            places.release()
            name = type(error).__name__
            raise LedgerUnavailableError(f"the ledger did not answer: {name}") from None
        except BaseException:
            places.release()
            raise

    async def release(self, connection: Connection, places: asyncio.Semaphore) -> None:
        """Take back a connection with which all is well."""
        try:
            await self._pool.release(connection)
        except Exception:
            # It is closed; the pool opens another when one is needed.
            return
        finally:
            places.release()

    def undo(self, connection: Connection, places: asyncio.Semaphore) -> None:
        """Take back a connection that failed, or was given up; nobody waits for that."""
        task = asyncio.get_running_loop().create_task(self._undo(connection, places))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _undo(self, connection: Connection, places: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(_UNDO_SECONDS):
                if not connection.is_closed() and connection.is_in_transaction():
                    await connection.execute("ROLLBACK")
                await self._pool.release(connection)
        except Exception:
            # One that is closed is back in the pool already.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
        finally:
            places.release()

    async def close(self) -> None:
        """Close all connections."""
        if self._ending:
            await asyncio.wait(self._ending)
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class Lent:
    """A connection, for the length of a block."""

    __slots__ = ("_connection", "_lender", "_places")

    def __init__(self, lender: Lender, places: asyncio.Semaphore) -> None:
        self._lender = lender
        self._places = places

    async def __aenter__(self) -> Connection:
        self._connection = await self._lender.acquire(self._places)
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self._lender.release(self._connection, self._places)
        else:
            self._lender.undo(self._connection, self._places)
