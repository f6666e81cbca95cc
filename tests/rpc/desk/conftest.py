"""The desk of the real application, on both databases."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sekisho.adapters.sql.migrate import upgrade
from tests.support import crew, postgres, review
from tests.support.review import Desk
from tests.support.service import whole


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Postgres]:
    with postgres.running() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server: postgres.Postgres = request.getfixturevalue("server")
    url = server.url(server.new_database())
    upgrade(url)
    return crew.socket_url(url)


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """The desk of one analyst, sato."""
    given = {"database_url": database_url, "keys_file": str(review.keys_file(tmp_path))}
    async with whole(tmp_path, **given) as service:
        yield Desk(service, service.client, review.token(tmp_path, "sato"))
