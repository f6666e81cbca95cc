"""What happens in the queues, as server-sent events: a page then asks for itself again.

An event names the cases only. Whoever shows them asks with the filter and order of the page, so
that there is one way to draw a row and none to miss a change.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.case_filter import filter_of
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.v1.review_queue_pb2 import CaseChange, CaseFilter, WatchCasesRequest

SECONDS: Final = 600.0
"""How long one stream lasts. A browser opens the next by itself, with a fresh token."""
_AGAIN_MS: Final = 1_000
_REFUSED_MS: Final = 10_000
_WORDS: Final = {
    CaseChange.KIND_APPEARED: "appeared",
    CaseChange.KIND_CHANGED: "changed",
    CaseChange.KIND_LEFT: "left",
}


async def _live(request: Request) -> Response:
    filter_ = filter_of(Form.of_address(request))
    return StreamingResponse(
        _events(Page(request), filter_),
        media_type="text/event-stream",
        # What stands in front of the console must not gather the events.
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _events(page: Page, filter_: CaseFilter) -> AsyncIterator[str]:
    yield f"retry: {_AGAIN_MS}\n\n"
    api = page.api
    watched = WatchCasesRequest(filter=filter_)
    try:
        async with (
            asyncio.timeout(SECONDS),
            api.stream(api.review.WatchCases, watched, CaseChange, SECONDS) as changes,
        ):
            async for change in changes:
                yield _event(change)
    except TimeoutError:
        pass
    except Refused as refused:
        # Whatever it is, it is not mended within a second.
        reason = json.dumps({"reason": refused.reason})
        yield f"retry: {_REFUSED_MS}\nevent: refused\ndata: {reason}\n\n"


def _event(change: CaseChange) -> str:
    word = _WORDS.get(change.kind)
    if word is None:
        # It proves that the stream is alive, to the page too.
        return "event: alive\ndata: {}\n\n"
    data = {"kind": word, "name": change.case.name, "number": change.case.case_number}
    return f"event: change\ndata: {json.dumps(data)}\n\n"


ROUTES = [Route("/live", _live)]
