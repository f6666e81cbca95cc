"""A Valkey of its own for every test: they start in some ten milliseconds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.valkey import Cached, cached


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Cached]:
    """A covered cache without watchlists."""
    async with cached(tmp_path / "valkey") as running:
        await running.cover()
        await running.load()
        yield running
