"""One service for the promises that leave it as it was, and one of its own for the others."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sekisho.v1 import shop_pb2
from tests.support import requests
from tests.support.service import Whole, whole


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Whole]:
    """A whole service, its shops imported."""
    async with whole(tmp_path) as running:
        await import_shops(running)
        yield running


async def import_shops(running: Whole) -> None:
    """Import ten shops in Tokyo that are always open."""
    shops = []
    for name in ("ginza", *(f"shop-{number}" for number in range(10))):
        shop = requests.shop(name)
        for field in ("opening_hours", "terminals", "clerk_shifts"):
            shop.ClearField(field)
        shops.append(shop)
    await running.client.shop.ImportShops(
        shop_pb2.ImportShopsRequest(request_id=str(uuid.uuid4()), shops=shops), timeout=10
    )
