"""The one writer of the SQLite file: a thread that puts all that waits into one commit.

Two writers would wait for each other's locks and raise the slowest commits threefold.
"""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

from sekisho.adapters.sql.driver_errors import rolled_back, translated
from sekisho.adapters.sql.scripts import MOST_TOGETHER, Script
from sekisho.adapters.sql.sqlite_checkpoint import LONGEST_LOG_PAGES, Checkpointer
from sekisho.adapters.sql.sqlite_connection import connect, run
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError, SekishoError

GroupScript = Callable[[Sequence[Any]], Script[Sequence[Any]]]


@dataclass(slots=True, eq=False)
class Job:
    """One change and the future that waits for it: a script of its own, or an item of a group."""

    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    script: Callable[[], Script[Any]] | GroupScript
    grouped: bool = False
    item: object = None
    outcome: object = field(default=None, init=False)
    begun: bool = field(default=False, init=False)
    """It is in a transaction that was begun: from then on it may be written."""
    withdrawn: bool = field(default=False, init=False)
    """Whoever waited was told that it is not written: it must not be."""

    def settle(self) -> None:
        """Hand the outcome to who waits; on the loop."""
        if self.future.done():
            return
        if isinstance(self.outcome, BaseException):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome)


class Writer:
    """Takes jobs from the loop's thread and answers them once they are durable."""

    def __init__(self, path: Path, busy_timeout: float) -> None:
        self._checkpointer = Checkpointer(path, busy_timeout)
        self._path = path
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None
        self._urgent: deque[Job] = deque()
        self._background: deque[Job] = deque()
        self._wake = threading.Condition()
        self._beginning = threading.Lock()
        self._closed = False
        self.commits = 0
        """Transactions committed so far."""
        self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, background: bool = False) -> None:
        """Queue a job. Raises LedgerUnavailableError once closed."""
        with self._wake:
            if self._closed:
                raise LedgerUnavailableError("the ledger is closed")
            (self._background if background else self._urgent).append(job)
            self._wake.notify()

    def withdraw(self, job: Job) -> bool:
        """Leave a job undone; return False where it has begun, and may be written."""
        with self._beginning:
            job.withdrawn = not job.begun
            return job.withdrawn

    def close(self) -> None:
        """Do what is queued, and end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()
        self._checkpointer.close()

    def _work(self) -> None:
        background_next = False
        while True:
            with self._wake:
                while not (self._urgent or self._background or self._closed):
                    self._wake.wait()
                # By turns: neither can starve the other, and an urgent job waits for one
                # transaction of bulk work at most.
                if self._background and (background_next or not self._urgent):
                    jobs = [self._background.popleft()]
                    background_next = False
                elif self._urgent:
                    count = min(len(self._urgent), MOST_TOGETHER)
                    jobs = [self._urgent.popleft() for _ in range(count)]
                    background_next = True
                else:
                    break
            # What nobody waits for any more has not begun: leave it undone.
            jobs = [job for job in jobs if not job.future.done()]
            if jobs:
                self._transact(jobs)
                _hand_back(jobs)
        self._disconnect()

    def _transact(self, jobs: Sequence[Job]) -> None:
        uncertain = False
        while True:
            committing = False
            try:
                connection = self._connected()
                connection.execute("BEGIN IMMEDIATE")
                jobs = self._begin(jobs)
                if not jobs:
                    connection.execute("ROLLBACK")
                    return
                units = _units(jobs)
                if len(units) > 1 or not _alone(connection, units[0]):
                    for together in units:
                        _attempt(connection, together)
                committing = True
                connection.execute("COMMIT")
                self.commits += 1
                self._checkpointer.nudge()
                return
            except BaseException as error:
                self._disconnect()
                if committing and not uncertain and not rolled_back(error):
                    # Once more, on a new connection: it writes them, or finds them.
                    uncertain = True
                    continue
                for job in jobs:
                    job.outcome = _failure(error, uncertain)
                return

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, self._busy_timeout, writable=True)
            self._connection.execute(f"PRAGMA wal_autocheckpoint={LONGEST_LOG_PAGES}")
        return self._connection

    def _begin(self, jobs: Sequence[Job]) -> list[Job]:
        """Return the jobs that were not withdrawn; from here on they cannot be."""
        with self._beginning:
            left = [job for job in jobs if not job.withdrawn]
            for job in left:
                job.begun = True
        return left

    def _disconnect(self) -> None:
        """Close the connection, which undoes what it has open; the next job connects anew."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def _failure(error: BaseException, uncertain: bool) -> SekishoError:
    name = type(error).__name__
    if uncertain:
        return LedgerUncertainError(f"a commit failed, and may be found later: {name}")
    return translated(error) or SekishoError(f"the ledger's writer failed: {name}")


def _units(jobs: Sequence[Job]) -> list[list[Job]]:
    """Put the items of each group together, at the place of its first."""
    units: dict[int, list[Job]] = {}
    for job in jobs:
        units.setdefault(id(job.script if job.grouped else job), []).append(job)
    return list(units.values())


def _alone(connection: sqlite3.Connection, jobs: Sequence[Job]) -> bool:
    """Run a script that has the transaction for itself, and needs no savepoint.

    Returns whether it succeeded; where it did not, the transaction is begun anew.
    """
    try:
        outcomes = _outcomes(connection, jobs)
    except Exception:
        connection.execute("ROLLBACK")
        connection.execute("BEGIN IMMEDIATE")
        return False
    for job, outcome in zip(jobs, outcomes, strict=True):
        job.outcome = outcome
    return True


def _attempt(connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Run one script under a savepoint, so that its failure undoes it alone."""
    connection.execute("SAVEPOINT attempt")
    try:
        outcomes = _outcomes(connection, jobs)
    except Exception as error:
        # Raises where the failure ended the transaction: then all of it is undone.
        connection.execute("ROLLBACK TO attempt")
        if len(jobs) > 1:
            for job in jobs:
                _attempt(connection, [job])
            return
        jobs[0].outcome = translated(error) or error
    else:
        connection.execute("RELEASE attempt")
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.outcome = outcome


def _outcomes(connection: sqlite3.Connection, jobs: Sequence[Job]) -> Sequence[object]:
    script = jobs[0].script
    if jobs[0].grouped:
        return run(connection, partial(cast(GroupScript, script), [job.item for job in jobs]))
    return [run(connection, cast(Callable[[], Script[Any]], script))]


def _hand_back(jobs: Sequence[Job]) -> None:
    """Wake each loop once for all its jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, settled in by_loop.items():
        # A loop that was closed has nobody waiting.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, settled)


def _settle(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.settle()
