"""Promise 4: simultaneous tries see each other."""

import asyncio

from tests.support.service import Whole, forged


async def test_of_ten_shops_at_once_with_one_card_at_most_one_is_unaware(service: Whole) -> None:
    decisions = await asyncio.gather(
        *(service.assess(forged(line=n, shop=f"shop-{n}")) for n in range(10))
    )
    seen = [(await service.facts(d))["velocity.document.lines_1h"] for d in decisions]
    assert sorted(seen) == list(range(1, 11))  # type: ignore[type-var]
