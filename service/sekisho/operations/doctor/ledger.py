"""The ledger: whether it answers, has this build's schema, and can be written to."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sekisho.adapters.sql import migrate
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse
from sekisho.domain.errors import SekishoError
from sekisho.operations.doctor.bounded import in_thread
from sekisho.operations.doctor.finding import Area, Finding, Level
from sekisho.operations.doctor.postgres import postgres
from sekisho.settings import Settings

AREA = Area("ledger")
_LOCK_SECONDS = 2.0


async def ledger(settings: Settings) -> list[Finding]:
    """Ask the ledger."""
    try:
        url = parse(settings.database_url)
    except SekishoError as error:
        return [AREA.problem(str(error), "set SEKISHO_DATABASE_URL right")]
    if url.dialect is Dialect.SQLITE:
        return await in_thread(lambda: list(_sqlite(url.path)))
    return [finding async for finding in postgres(AREA, url.dsn, schema)]


def readable(findings: list[Finding]) -> bool:
    """Whether, by these findings, the ledger's tables can be read."""
    return any(found.level is Level.OK and found.what.startswith(_SCHEMA) for found in findings)


_SCHEMA = "the schema is this build's"


def schema(found: str | None) -> Finding:
    """Judge the ledger's revision."""
    needed = migrate.latest()
    if found == needed:
        return AREA.ok(f"{_SCHEMA}, {needed}")
    if found is not None and found > needed:
        return AREA.problem(
            f"the schema is at {found}, later than this build knows ({needed})",
            "run the build that made it, or a newer one",
        )
    return AREA.problem(
        f"the schema is at {found or 'nothing'}, and this build needs {needed}",
        "sekisho migrate, or SEKISHO_MIGRATE=true",
    )


def _sqlite(path: Path) -> Iterator[Finding]:
    if not path.exists():
        yield AREA.ok(f"none yet: the first start makes {path}")
        return
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, _LOCK_SECONDS, isolation_level=None, uri=True)) as file:
            yield schema(_revision(file))
            yield _writable(file)
    except sqlite3.Error as error:
        yield AREA.problem(
            f"{path} cannot be read: {type(error).__name__}",
            "look at its owner and its disk; where the file is damaged restore it",
        )


def _revision(file: sqlite3.Connection) -> str | None:
    tables = file.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    rows = file.execute("SELECT version_num FROM alembic_version").fetchall() if tables else []
    return str(rows[0][0]) if rows else None


def _writable(file: sqlite3.Connection) -> Finding:
    try:
        file.execute("BEGIN IMMEDIATE")
        file.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        # The base code is the lowest byte.
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return AREA.warning(
                f"somebody has kept it from writing for {_LOCK_SECONDS:g} s",
                "end whatever else has the file open in a transaction",
            )
        return AREA.problem(
            f"it cannot be written to: {error.sqlite_errorname}",
            "look at its owner, at the folder's, and at the disk",
        )
    return AREA.ok("SQLite can be written to")
