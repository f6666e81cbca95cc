"""A driver's error becomes one of the domain's. Its own text stays behind: it may quote values,
and a URL with its password."""

import sqlite3

import asyncpg

from sekisho.domain.errors import LedgerUnavailableError, SekishoError

AWAY = (
    OSError,
    sqlite3.DatabaseError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What says nothing about the request: the database is away, full or read-only."""

COLLISIONS = (asyncpg.TransactionRollbackError, asyncpg.UniqueViolationError)
"""A deadlock, a serialisation failure, or a row that another transaction brought at the same
moment: undone by PostgreSQL, and to be run again.

ON CONFLICT looks at the one index that it names. Of two who insert the same row at once, the
slower may meet the other's in another unique index first, and fails there.
"""

UNUSABLE = (asyncpg.SyntaxOrAccessError,)
"""No such table, or no right to it: nothing that a repetition would mend."""

FAULTS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
"""A defect of ours, or a value that the database cannot keep; so is any other driver's error."""


def translated(error: BaseException) -> SekishoError | None:
    """Return the domain's error for a driver's; None where it is not a driver's."""
    name = type(error).__name__
    away = isinstance(error, (*AWAY, *COLLISIONS, *UNUSABLE)) and not isinstance(error, FAULTS)
    if away:
        return LedgerUnavailableError(f"the ledger did not answer: {name}")
    if isinstance(error, sqlite3.Error | asyncpg.PostgresError):
        return SekishoError(f"the ledger cannot keep this: {name}")
    return None


def refused(error: BaseException) -> bool:
    """Whether PostgreSQL itself said no, and goes on: what it was asked is undone.

    An error that ends the connection tells nothing of a commit that was under way.
    """
    return isinstance(error, asyncpg.PostgresError) and error.severity_en == "ERROR"


_ROLLED_BACK = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    )
)


def rolled_back(error: BaseException) -> bool:
    """Whether a COMMIT of SQLite that failed so has certainly written nothing.

    An I/O error may come after the last page was written: a later opening may find it.
    """
    return isinstance(error, sqlite3.Error) and error.sqlite_errorcode & 0xFF in _ROLLED_BACK
