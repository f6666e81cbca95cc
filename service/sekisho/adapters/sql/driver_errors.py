"""A driver's error becomes one of the domain's. Its own text stays behind: it may quote values,
and a URL with its password."""

import sqlite3

import asyncpg

from sekisho.domain.errors import LedgerUnavailableError, SekishoError

AWAY = (
    OSError,
    sqlite3.DatabaseError,
    asyncpg.InterfaceError,
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

COLLISIONS = (asyncpg.TransactionRollbackError,)
"""A deadlock or a serialisation failure: undone by PostgreSQL, and to be run again."""

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
