"""Shops and clerks beside their peers, and one shop as it is known."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.figures import figures_of
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.ranges import range_of
from sekisho.v1.shop_pb2 import GetShopRequest, Shop


async def _list(request: Request) -> Response:
    page = Page(request)
    span = range_of(page, Form.of_address(request))
    figures = await figures_of(page.api, span)
    return page.show("shops.html", {"figures": figures, "range": span, "id": ""})


async def _show(request: Request) -> Response:
    page, id_ = Page(request), request.path_params["id"]
    span = range_of(page, Form.of_address(request))
    figures, shop = await asyncio.gather(figures_of(page.api, span, id_), _known(page, id_))
    context = {"figures": figures, "range": span, "id": id_, "shop": shop}
    return page.show("shop.html", context)


async def _known(page: Page, id_: str) -> Shop | None:
    """Return what is known of a shop; None of one that was never told of."""
    asked = GetShopRequest(name=f"shops/{id_}")
    try:
        return await page.api.ask(page.api.shop.GetShop, asked, Shop)
    except Refused as refused:
        if refused.reason != "NOT_FOUND":
            raise
        return None


ROUTES = [Route("/shops", _list), Route("/shops/{id}", _show)]
