"""Search over all decisions, and what was found as a file."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sekisho.console.case_filter import PAGE_SIZE, SEARCHED, search_of
from sekisho.console.forms import BadFormError, Form
from sekisho.console.page import Page
from sekisho.v1.review_queue_pb2 import (
    CaseOrder,
    ExportCasesRequest,
    ExportCasesResponse,
    ListCasesRequest,
    ListCasesResponse,
)

_KEPT: Final = (*SEARCHED, "order")
_FORMATS: Final = {
    "csv": (ExportCasesRequest.FORMAT_CSV, "text/csv; charset=utf-8", "csv"),
    "json": (ExportCasesRequest.FORMAT_JSON_LINES, "application/x-ndjson", "jsonl"),
}
_EXPORT_SECONDS: Final = 600.0


async def _show(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    order: CaseOrder.ValueType = form.enum("order", CaseOrder)
    if not form.text("order"):
        order = CaseOrder.CASE_ORDER_NEWEST
    asked = ListCasesRequest(
        filter=search_of(page, form),
        order=order,
        page_size=PAGE_SIZE,
        page_token=form.text("page"),
    )
    found, texts = await asyncio.gather(
        page.api.ask(page.api.review.ListCases, asked, ListCasesResponse), page.rule_texts()
    )
    kept = form.pairs(_KEPT)
    context = {
        "cases": found.cases,
        "texts": texts,
        "form": form,
        "order": CaseOrder.Name(order),
        "on": form.pairs(SEARCHED),
        "kept": kept,
        "first_page": not form.text("page"),
        "next_page": found.next_page_token,
        "query": lambda **more: urlencode([*kept, *((n, v) for n, v in more.items() if v)]),
    }
    return page.show("search.html", context)


async def _export(request: Request) -> Response:
    """Stream a file of what the page's filter finds. The trail keeps who took it: a POST."""
    page, form = Page(request), await Form.sent(request)
    kind = form.choice("format", tuple(_FORMATS))
    if not kind:
        raise BadFormError("format")
    format_, media_type, ending = _FORMATS[kind]
    asked = ExportCasesRequest(filter=search_of(page, form), format=format_)
    parts = _parts(page, asked)
    # A refusal comes before the first bytes, and is a page; afterwards the file just ends.
    first = await anext(parts, b"")

    async def content() -> AsyncIterator[bytes]:
        yield first
        async for each in parts:
            yield each

    name = f"sekisho-{page.now:%Y%m%d-%H%M%S}.{ending}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content(), media_type=media_type, headers=headers)


async def _parts(page: Page, asked: ExportCasesRequest) -> AsyncIterator[bytes]:
    api = page.api
    stream = api.stream(api.review.ExportCases, asked, ExportCasesResponse, _EXPORT_SECONDS)
    async with stream as parts:
        async for part in parts:
            yield part.content


ROUTES = [Route("/search", _show), Route("/export", _export, methods=["POST"])]
