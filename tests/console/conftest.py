"""A real service, and a console of it."""

from collections.abc import AsyncIterator, Iterator

import grpc
import pytest

from tests.support.console import Console, console
from tests.support.server import Client
from tests.support.service import until
from tests.support.serving import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real service, one for the tests of a module."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
async def api(served: Served) -> AsyncIterator[Client]:
    """What shops' terminals and other clients call."""
    async with grpc.aio.insecure_channel(served.address) as channel:
        client = Client(channel)

        async def serving_now() -> bool:
            return await client.status() == 1

        await until(serving_now, 30)
        yield client


@pytest.fixture
async def desk(served: Served, api: Client) -> AsyncIterator[Console]:
    """A console of it."""
    async with console(served.address, served.log.parent / "data") as running:
        yield running
