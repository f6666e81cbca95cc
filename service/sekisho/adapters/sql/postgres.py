"""The ledger's database in PostgreSQL, through asyncpg."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import asyncpg

from sekisho.adapters.sql.certainty import Certainty
from sekisho.adapters.sql.driver_errors import AWAY, COLLISIONS, refused, translated
from sekisho.adapters.sql.feed_order import MEND_FEED
from sekisho.adapters.sql.postgres_connections import (
    CONNECTIONS,
    Connection,
    Lender,
    Pool,
    connect,
    heard,
)
from sekisho.adapters.sql.postgres_group import GroupCommit
from sekisho.adapters.sql.scripts import BACKGROUND_PATIENCE, Again, Grouped, I, R, Script, T
from sekisho.adapters.sql.statements import Call, Dialect, Row
from sekisho.adapters.sql.url import REASON
from sekisho.domain.errors import FailedPreconditionError, LedgerUnavailableError, SekishoError

ANSWER_SECONDS = 2.0
"""One attempt of urgent changes at most: a server that accepts and never answers must not keep
those that come after."""

_BEGIN = "BEGIN"
_BEGIN_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PAUSE = 0.02
_LONGEST_PAUSE = 0.2


class PostgresDatabase:
    """A Database. `timeout` seconds bounds every call, repetitions included."""

    dialect = Dialect.POSTGRESQL

    def __init__(self, pool: Pool, timeout: float) -> None:
        self._lender = Lender(pool)
        self._timeout = timeout
        self._groups: list[GroupCommit[Any, Any]] = []
        self.commits = 0
        """Transactions committed so far."""

    async def read(self, script: Callable[[], Script[T]], *, snapshot: bool = False) -> T:
        """Run a script; without `snapshot` each of its calls sees its own moment."""
        begin = _BEGIN_SNAPSHOT if snapshot else None
        return await self._insist(script, Certainty(), begin, self._timeout)

    async def write(self, script: Callable[[], Script[T]], *, background: bool = False) -> T:
        """Run a script in a transaction; again where the connection or a lock was lost."""
        patience = self._timeout * BACKGROUND_PATIENCE if background else self._timeout
        return await self._insist(script, Certainty(), _BEGIN, patience)

    def grouped(
        self, script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]]
    ) -> Grouped[I, R]:
        """Return a function that commits a change together with all that wait."""
        group = GroupCommit(self._write_group, script, self._timeout)
        self._groups.append(group)
        return group.change

    async def _write_group(self, script: Callable[[], Script[T]], certainty: Certainty) -> T:
        return await self._insist(
            script, certainty, _BEGIN, self._timeout, ANSWER_SECONDS, urgent=True
        )

    async def _insist(
        self,
        script: Callable[[], Script[T]],
        certainty: Certainty,
        begin: str | None,
        patience: float,
        patience_once: float | None = None,
        *,
        urgent: bool = False,
    ) -> T:
        """Run a script until its outcome is known: a lost reply does not tell what happened.

        `patience_once` bounds one attempt. What failed for certain is tried again only where
        the next attempt may do better at once.
        """
        why = "no answer in time"
        pause = _PAUSE
        try:
            async with asyncio.timeout(patience):
                while True:
                    try:
                        async with asyncio.timeout(patience_once):
                            return await self._attempt(script, certainty, begin, urgent)
                    except LedgerUnavailableError as error:
                        if not certainty.uncertain:
                            raise
                        why = str(error)
                    except (*AWAY, *COLLISIONS, Again) as error:
                        if not (certainty.uncertain or _again(error)):
                            raise
                        why = type(error).__name__
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
        except TimeoutError:
            raise certainty.unavailable(why) from None
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if certainty.uncertain:
                raise certainty.unavailable(type(error).__name__) from None
            raise translated(error) or error from None

    async def _attempt(
        self,
        script: Callable[[], Script[T]],
        certainty: Certainty,
        begin: str | None,
        urgent: bool,
    ) -> T:
        async with self._lender.connection(urgent=urgent) as connection:
            if begin is None:
                return await _run(connection, script)
            await heard(connection, connection.execute(begin))
            result = await _run(connection, script)
            if begin is _BEGIN:
                await _commit(connection, certainty)
                self.commits += 1
            else:
                await heard(connection, connection.execute("COMMIT"))
            return result

    async def mend_feed(self) -> None:
        """Make the feed's numbers go on after the greatest there is."""
        await self.write(_mend_feed)

    async def close(self) -> None:
        """Finish what waits, and close all connections."""
        for group in self._groups:
            await group.close()
        await self._lender.close()


def _again(error: BaseException) -> bool:
    """Whether to try again at once: a collision, or a connection that was lost.

    A server that says no, or nothing, says the same to the next.
    """
    if isinstance(error, (*COLLISIONS, Again)):
        return True
    return not isinstance(error, TimeoutError) and not refused(error)


async def _commit(connection: Connection, certainty: Certainty) -> None:
    if not certainty.may_commit():
        raise Again
    before, certainty.uncertain = certainty.uncertain, True
    try:
        await heard(connection, connection.execute("COMMIT"))
    except asyncpg.PostgresError as error:
        if refused(error):
            certainty.uncertain = before
        raise


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
    return cast(Sequence[Row], await heard(connection, connection.fetch(compiled.sql, *arguments)))


async def open_postgres(url: str, timeout: float) -> PostgresDatabase:
    """Open a migrated ledger. Connections are made when first needed, so it may be away.

    Raises FailedPreconditionError (LEDGER_URL) where the URL is not usable.
    """
    try:
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=CONNECTIONS,
            max_inactive_connection_lifetime=0,
            connect=connect,
            reset=_keep,
            server_settings={
                "application_name": "sekisho",
                "default_transaction_isolation": "read committed",
                # A transaction that its worker forgot would hold up the feed.
                "idle_in_transaction_session_timeout": "10s",
                "statement_timeout": f"{int(timeout * BACKGROUND_PATIENCE)}s",
            },
        )
        await pool
    except (*AWAY, asyncpg.PostgresError, ValueError):
        raise FailedPreconditionError("the ledger's URL is not usable", REASON) from None
    return PostgresDatabase(pool, timeout)


def _mend_feed() -> Script[None]:
    yield MEND_FEED()


async def _keep(_connection: object) -> None:
    """Spare the round trip that asyncpg resets a connection with: ours keep nothing."""
