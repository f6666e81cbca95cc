"""A running server for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

from tests.support.server import Running, running


@pytest.fixture
async def api() -> AsyncIterator[Running]:
    """A server without TLS over use cases that answer as they are told."""
    async with running() as api:
        yield api
