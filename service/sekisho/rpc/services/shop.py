"""ShopService: the carrier's shops."""

import asyncio

from sekisho.application.ports.shops import Shop
from sekisho.application.use_cases import UseCases
from sekisho.rpc import pages
from sekisho.rpc.call import Call
from sekisho.rpc.convert import names, shop
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.once import Digest, once
from sekisho.v1 import shop_pb2


class ShopService:
    """Keeps the shops that assessments know of."""

    def __init__(self, use_cases: UseCases, digest: Digest) -> None:
        self._shops = use_cases.shops
        self._digest = digest

    async def ImportShops(
        self, request: shop_pb2.ImportShopsRequest, call: Call
    ) -> shop_pb2.ImportShopsResponse:
        """Replace all shops by these."""
        # Beside the loop: twenty thousand shops take longer than an assessment.
        violations, shops = await asyncio.to_thread(_converted, request)
        this = once(violations, request, call.identity.name, self._digest)
        violations.refuse()
        added, removed, kept = await self._shops.replace(this, shops)
        return shop_pb2.ImportShopsResponse(
            added_count=added, removed_count=removed, kept_count=kept
        )

    async def GetShop(self, request: shop_pb2.GetShopRequest, call: Call) -> shop_pb2.Shop:
        """Return a shop."""
        violations = Violations.of(request)
        shop_id = violations.read("name", names.shop_id, request.name, "")
        violations.refuse()
        return shop.to_proto(await self._shops.get(shop_id))

    async def ListShops(
        self, request: shop_pb2.ListShopsRequest, call: Call
    ) -> shop_pb2.ListShopsResponse:
        """Return a page of shops by id."""
        violations = Violations.of(request)
        page = pages.page(violations, request, "shops")
        violations.refuse()
        found = await self._shops.list(page.after.decode(), page.most)
        shown = page.cut(found)
        return shop_pb2.ListShopsResponse(
            shops=[shop.to_proto(each) for each in shown],
            next_page_token=page.next_token(found, shown[-1].id.encode() if shown else b""),
        )


def _converted(request: shop_pb2.ImportShopsRequest) -> tuple[Violations, list[Shop]]:
    violations = Violations.of(request)
    return violations, shop.shops(violations, request.shops)
