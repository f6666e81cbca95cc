from pathlib import Path

import pytest

from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.url import parse
from sekisho.domain.errors import FailedPreconditionError


@pytest.mark.parametrize(
    ("url", "path"),
    [("sqlite:////var/lib/ledger.db", "/var/lib/ledger.db"), ("sqlite:///ledger.db", "ledger.db")],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    assert parse(url).dialect is Dialect.SQLITE
    assert parse(url).path == Path(path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+asyncpg"])
def test_a_postgresql_url_goes_to_the_driver_as_it_is(scheme: str) -> None:
    found = parse(f"{scheme}://user:s%40crET@db:5433/ledger?sslmode=verify-full")
    assert found.dialect is Dialect.POSTGRESQL
    assert found.dsn == "postgresql://user:s%40crET@db:5433/ledger?sslmode=verify-full"
    assert "crET" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=ro",
        "mysql://root:s3crET@db/ledger",
        "postgresql://user:s3crET@db:port/ledger",
    ],
)
def test_a_url_of_nothing_usable_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(FailedPreconditionError) as refused:
        parse(url)
    assert refused.value.reason == "LEDGER_URL"
    assert "crET" not in str(refused.value)
