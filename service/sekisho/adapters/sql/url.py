"""The ledger's URL: which database it names. Its password never appears in an error."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from sekisho.adapters.sql.statements import Dialect
from sekisho.domain.errors import FailedPreconditionError
from sekisho.domain.value import value

REASON = "LEDGER_URL"


@value
class LedgerUrl:
    """`sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://…`.

    `path` is the SQLite file; `dsn` what asyncpg takes, and is not shown.
    """

    dialect: Dialect
    path: Path
    dsn: str

    def __repr__(self) -> str:
        return f"LedgerUrl({self.dialect.value})"


def parse(url: str) -> LedgerUrl:
    """Read a URL. FailedPreconditionError (LEDGER_URL) where it names neither database."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise FailedPreconditionError("the ledger's URL cannot be read", REASON) from None
    backend = parts.get_backend_name()
    if backend == "sqlite":
        if not parts.database or parts.database == ":memory:" or parts.query:
            raise FailedPreconditionError(
                "a SQLite ledger needs a file, and takes no parameters: sqlite:////path/ledger.db",
                REASON,
            )
        return LedgerUrl(Dialect.SQLITE, Path(parts.database), "")
    if backend in {"postgresql", "postgres"}:
        # asyncpg reads the URL itself; SQLAlchemy's name of the driver means nothing to it.
        scheme, _, rest = url.partition("://")
        return LedgerUrl(Dialect.POSTGRESQL, Path(), f"{scheme.partition('+')[0]}://{rest}")
    raise FailedPreconditionError("the ledger is SQLite or PostgreSQL", REASON)
