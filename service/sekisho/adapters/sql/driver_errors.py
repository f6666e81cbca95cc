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
"""What says nothing about the request: the database is away, full, read-only, not migrated."""

COLLISIONS = (asyncpg.TransactionRollbackError,)
"""A deadlock or a serialisation failure: undone by PostgreSQL, and to be run again."""

FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
    sqlite3.Error,
    asyncpg.PostgresError,
)
"""Any other error of a driver: a defect of ours, or a value that the database cannot keep."""


def translated(error: BaseException) -> SekishoError | None:
    """Return the domain's error for a driver's; None where it is not a driver's."""
    name = type(error).__name__
    away = isinstance(error, AWAY) and not isinstance(error, FAULTS[:3])
    if away or isinstance(error, COLLISIONS):
        return LedgerUnavailableError(f"the ledger did not answer: {name}")
    if isinstance(error, FAULTS):
        return SekishoError(f"the ledger cannot keep this: {name}")
    return None
