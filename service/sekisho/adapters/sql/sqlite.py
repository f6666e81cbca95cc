"""The ledger's database in a SQLite file: one writer thread, and a few threads that read."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import cast

from sekisho.adapters.sql.driver_errors import translated
from sekisho.adapters.sql.scripts import BACKGROUND_PATIENCE, Grouped, I, R, Script, T
from sekisho.adapters.sql.sqlite_connection import connect, run
from sekisho.adapters.sql.sqlite_writer import Job, Writer
from sekisho.adapters.sql.statements import Dialect
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError, SekishoError

READERS = 2
"""Threads that read. More would only wait for each other's turn at the interpreter."""


class SqliteDatabase:
    """A Database. `timeout` seconds bounds every call; another process's lock counts in."""

    dialect = Dialect.SQLITE

    def __init__(self, path: Path, timeout: float) -> None:
        self._path = path
        self._timeout = timeout
        self._writer = Writer(path, timeout)
        self._closed = False
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="ledger-reader")
        self._idle: SimpleQueue[sqlite3.Connection | None] = SimpleQueue()
        for _ in range(READERS):
            self._idle.put(None)

    @property
    def commits(self) -> int:
        """Transactions committed so far."""
        return self._writer.commits

    async def read(self, script: Callable[[], Script[T]], *, snapshot: bool = False) -> T:
        """Run a script on a reading thread; it always sees one moment."""
        if self._closed:
            raise LedgerUnavailableError("the ledger is closed")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                return await loop.run_in_executor(self._pool, partial(self._read, script))
        except TimeoutError:
            raise LedgerUnavailableError("the ledger did not answer in time") from None
        except sqlite3.Error as error:
            raise translated(error) or error from None

    def _read(self, script: Callable[[], Script[T]]) -> T:
        connection = self._idle.get()
        try:
            if connection is None:
                connection = connect(self._path, self._timeout, writable=False)
            connection.execute("BEGIN")
            result = run(connection, script)
            connection.execute("COMMIT")
        except BaseException:
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
            connection = None
            raise
        finally:
            self._idle.put(connection)
        return result

    async def write(self, script: Callable[[], Script[T]], *, background: bool = False) -> T:
        """Run a script on the writer's thread, in a commit shared with what else waits."""
        loop = asyncio.get_running_loop()
        job = Job(loop.create_future(), loop, script)
        self._writer.submit(job, background=background)
        patience = self._timeout * BACKGROUND_PATIENCE if background else self._timeout
        return cast(T, await self._settled(job, patience))

    def grouped(
        self, script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]]
    ) -> Grouped[I, R]:
        """Return a function that adds a change to the writer's next commit."""

        async def change(item: I, timeout: float | None = None) -> R:
            loop = asyncio.get_running_loop()
            job = Job(loop.create_future(), loop, script, grouped=True, item=item)
            self._writer.submit(job)
            return cast(R, await self._settled(job, self._timeout if timeout is None else timeout))

        return change

    async def _settled(self, job: Job, patience: float) -> object:
        # A timer by hand: asyncio.timeout costs three times as much, for every decision.
        timer = job.loop.call_later(patience, self._give_up, job)
        try:
            return await job.future
        finally:
            timer.cancel()

    def _give_up(self, job: Job) -> None:
        if job.future.done():
            return
        if self._writer.withdraw(job):
            job.future.set_exception(LedgerUnavailableError("the ledger did not answer in time"))
        else:
            job.future.set_exception(LedgerUncertainError("a commit took too long"))

    async def close(self) -> None:
        """Finish what is queued, and close all connections."""
        self._closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._writer.close()
        self._pool.shutdown()
        for _ in range(READERS):
            connection = self._idle.get()
            if connection is not None:
                connection.close()
