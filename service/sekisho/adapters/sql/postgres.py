"""The ledger's database in PostgreSQL, through asyncpg."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, TypeAlias, TypedDict, cast

import asyncpg

from sekisho.adapters.sql.driver_errors import AWAY, COLLISIONS, translated
from sekisho.adapters.sql.feed_order import MEND_FEED
from sekisho.adapters.sql.postgres_group import GroupCommit
from sekisho.adapters.sql.scripts import BACKGROUND_PATIENCE, Again, I, R, Script, T
from sekisho.adapters.sql.statements import Call, Dialect, Row
from sekisho.domain.errors import LedgerUnavailableError, SekishoError

CONNECTIONS = 8
"""Connections of one worker at most."""

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"


class _Transaction(TypedDict):
    isolation: Literal["read_committed", "repeatable_read"]
    readonly: bool


_WRITE = _Transaction(isolation="read_committed", readonly=False)
_SNAPSHOT = _Transaction(isolation="repeatable_read", readonly=True)
_PAUSE = 0.02
_LONGEST_PAUSE = 0.2


class PostgresDatabase:
    """A Database. `timeout` seconds bounds every call, repetitions included."""

    dialect = Dialect.POSTGRESQL

    def __init__(self, pool: Pool, timeout: float) -> None:
        self._pool = pool
        self._timeout = timeout
        self._groups: list[GroupCommit[Any, Any]] = []
        self.commits = 0
        """Transactions committed so far."""

    async def read(self, script: Callable[[], Script[T]], *, snapshot: bool = False) -> T:
        """Run a script; without `snapshot` each of its calls sees its own moment."""
        return await self._insist(script, self._timeout, _SNAPSHOT if snapshot else None)

    async def write(self, script: Callable[[], Script[T]], *, background: bool = False) -> T:
        """Run a script in a transaction; again where the connection or a lock was lost."""
        patience = self._timeout * BACKGROUND_PATIENCE if background else self._timeout
        result = await self._insist(script, patience, _WRITE)
        self.commits += 1
        return result

    def grouped(
        self, script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]]
    ) -> Callable[[I], Awaitable[R]]:
        """Return a function that commits a change together with all that wait."""
        group = GroupCommit(self.write, script, self._timeout)
        self._groups.append(group)
        return group.change

    async def _insist(
        self, script: Callable[[], Script[T]], patience: float, within: _Transaction | None
    ) -> T:
        """Run a script until its outcome is known: a lost reply does not tell what happened."""
        uncertain: Exception | None = None
        pause = _PAUSE
        try:
            async with asyncio.timeout(patience):
                while True:
                    try:
                        connection = await self._pool.acquire()
                    except (*AWAY, asyncpg.PostgresError):
                        if uncertain is None:
                            raise
                    else:
                        try:
                            if within is None:
                                return await _run(connection, script)
                            async with connection.transaction(**within):
                                return await _run(connection, script)
                        except (*AWAY, *COLLISIONS, Again) as error:
                            uncertain = error
                        finally:
                            await self._release(connection)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except TimeoutError:
            why = "no answer in time" if uncertain is None else type(uncertain).__name__
            raise LedgerUnavailableError(f"the ledger did not answer: {why}") from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise translated(error) or error from None

    async def _release(self, connection: Connection) -> None:
        try:
            await self._pool.release(connection, timeout=self._timeout)
        except (*AWAY, asyncpg.PostgresError):
            # It is closed; the pool opens another when one is needed.
            return

    async def close(self) -> None:
        """Finish what waits, and close all connections."""
        for group in self._groups:
            await group.close()
        await self._pool.close()


async def _run(connection: Connection, script: Callable[[], Script[T]]) -> T:
    steps = script()
    try:
        call = next(steps)
        while True:
            call = steps.send(await _execute(connection, call))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()


async def _execute(connection: Connection, call: Call) -> Sequence[Row]:
    """Make a call and return its rows: those of all its keys at once."""
    compiled = call.statement.compiled(Dialect.POSTGRESQL)
    rows = call.rows
    if rows is None:
        rows = ()
    elif not rows:
        return ()
    values = {**compiled.constants, **call.values}
    arguments: list[Any] = [
        [row[name] for row in rows] if name in compiled.arrays else values[name]
        for name in compiled.names
    ]
    return cast(Sequence[Row], await connection.fetch(compiled.sql, *arguments))


async def open_postgres(url: str, timeout: float) -> PostgresDatabase:
    """Open a pool of connections to a migrated ledger; they are made when first needed."""
    try:
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=CONNECTIONS,
            max_inactive_connection_lifetime=0,
            timeout=timeout,
            init=_insist_on_durability,
            reset=_keep,
            server_settings={
                "application_name": "sekisho",
                # A transaction that its worker forgot would hold up the feed.
                "idle_in_transaction_session_timeout": "10s",
                "statement_timeout": f"{int(timeout * BACKGROUND_PATIENCE)}s",
            },
        )
        await pool
    except (*AWAY, asyncpg.PostgresError, ValueError) as error:
        raise translated(error) or LedgerUnavailableError(
            "the ledger's URL is not usable"
        ) from None
    database = PostgresDatabase(pool, timeout)
    try:
        await database.write(_mend_feed)
    except BaseException:
        await database.close()
        raise
    return database


def _mend_feed() -> Script[None]:
    yield MEND_FEED()


async def _insist_on_durability(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A commit is answered when it is on the disk, whatever the server's default."""
    await connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )


async def _keep(_connection: object) -> None:
    """Spare the round trip that asyncpg resets a connection with: ours keep nothing."""
