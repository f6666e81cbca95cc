"""The queue: what waits, and the next of it."""

import asyncio
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.case_filter import NARROWING, PAGE_SIZE, WAITING, filter_of
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.paths import case_path
from sekisho.v1.review_act_pb2 import TakeNextCaseRequest
from sekisho.v1.review_queue_pb2 import (
    CaseOrder,
    CaseSummary,
    CountCasesRequest,
    CountCasesResponse,
    ListCasesRequest,
    ListCasesResponse,
    Queue,
)

_KEPT: Final = ("queues", *NARROWING, "order")
_EMPTY: Final = "nothing_next"


async def _show(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    chosen: Queue.ValueType = form.enum("queues", Queue) or Queue.QUEUE_FRAUD_TEAM
    api = page.api
    cases, counts, texts = await asyncio.gather(
        api.ask(
            api.review.ListCases,
            ListCasesRequest(
                filter=filter_of(form, [chosen]),
                order=form.enum("order", CaseOrder),
                page_size=PAGE_SIZE,
                page_token=form.text("page"),
            ),
            ListCasesResponse,
        ),
        api.ask(
            api.review.CountCases,
            CountCasesRequest(filter=filter_of(form, [])),
            CountCasesResponse,
        ),
        page.rule_texts(),
    )
    kept = form.pairs(_KEPT)
    context = {
        "cases": cases.cases,
        "next_page": cases.next_page_token,
        "first_page": not form.text("page"),
        "counts": {count.queue: count for count in counts.queue_counts},
        "waiting": WAITING,
        "chosen": chosen,
        "form": form,
        "on": form.pairs(NARROWING),
        "kept": kept,
        "texts": texts,
        "query": lambda **more: _query(kept, more),
        "live": f"/live?{_query(kept, {'queues': Queue.Name(chosen)})}",
        "said": _EMPTY if form.text("said") == _EMPTY else "",
    }
    return page.show("queue.html", context)


async def _next(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    asked = TakeNextCaseRequest(request_id=form.request_id(), filter=filter_of(form))
    try:
        taken = await page.api.ask(page.api.review.TakeNextCase, asked, CaseSummary)
    except Refused as refused:
        if refused.reason != "QUEUE_EMPTY":
            raise
        return RedirectResponse(f"/?{_query(form.pairs(_KEPT), {'said': _EMPTY})}", 303)
    return RedirectResponse(case_path(taken.name, "took"), 303)


def _query(kept: list[tuple[str, str]], more: dict[str, str]) -> str:
    pairs = [(name, value) for name, value in kept if name not in more]
    return urlencode([*pairs, *((n, v) for n, v in more.items() if v)])


ROUTES = [Route("/", _show), Route("/next", _next, methods=["POST"])]
