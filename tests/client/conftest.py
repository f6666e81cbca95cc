"""A peer for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.client.peer import Peer, peer


@pytest.fixture
async def service() -> AsyncIterator[Peer]:
    """A service of the tests' own, which allows unless told otherwise."""
    async with peer() as running:
        yield running


@pytest.fixture
async def second() -> AsyncIterator[Peer]:
    """Another one."""
    async with peer() as running:
        yield running
