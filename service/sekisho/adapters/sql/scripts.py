"""Scripts: the steps of one transaction, without the driver that runs them.

A script is a generator: it yields calls and is sent their rows. SQLite runs it on the writer's
thread, PostgreSQL awaits each step; so every store is written once.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Protocol, TypeVar

from sekisho.adapters.sql.statements import Call, Dialect, Rows
from sekisho.domain.errors import SekishoError

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)

Script = Generator[Call, Rows, T]

MOST_TOGETHER = 64
"""Changes that share a commit at most: more would make the first wait for the last."""

BACKGROUND_PATIENCE = 30
"""Bulk work may wait this many times longer than a call at the counter."""


class Again(Exception):  # noqa: N818
    """Raised by a script that met a concurrent change: undo it and run it once more."""


class Grouped(Protocol[I_contra, R_co]):
    """Makes a change durable together with all that wait with it."""

    async def __call__(self, item: I_contra, timeout: float | None = None) -> R_co:
        """Return what became of it, within `timeout` seconds, or the database's own bound.

        Raises LedgerUnavailableError where it is known not to have been written: it never will
        be. LedgerUncertainError where its commit was under way.
        """


class Database(Protocol):
    """One of the two databases. Its methods raise LedgerUnavailableError, and no driver's error;
    those that write LedgerUncertainError where a commit was sent and its outcome is not known."""

    @property
    def dialect(self) -> Dialect:
        """Which one it is."""

    async def read(self, script: Callable[[], Script[T]], *, snapshot: bool = False) -> T:
        """Run a script that changes nothing. `snapshot`: all its calls see the same moment."""

    async def write(self, script: Callable[[], Script[T]], *, background: bool = False) -> T:
        """Run a script in one transaction that is durable on return.

        Where the reply to a commit was lost the script runs again, so it must find what it
        did. An error that it raises undoes it. `background`: bulk work, which lets urgent
        changes go first.
        """

    def grouped(
        self, script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]]
    ) -> Grouped[I, R]:
        """Return a function that makes a change durable together with all that wait with it.

        The script gets the changes of one commit and answers for each. One that makes the
        script fail is tried alone, so that it does not fail its neighbours.
        """

    async def close(self) -> None:
        """Finish what was begun, and end."""
