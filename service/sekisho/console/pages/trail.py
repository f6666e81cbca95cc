"""The trail: who did what, newest first."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.case_filter import PAGE_SIZE
from sekisho.console.forms import Form
from sekisho.console.moments import stamp_of
from sekisho.console.page import Page
from sekisho.console.paths import at_midnight
from sekisho.v1.review_act_pb2 import ListTrailRequest, ListTrailResponse

ACTS: Final = (
    "took",
    "claimed",
    "released",
    "reassigned",
    "approved",
    "declined",
    "demanded",
    "escalated",
    "noted",
    "disposed",
    "blocked",
    "reported",
    "grouped",
    "ungrouped",
    "exported",
    "lease_expired",
)
_KEPT: Final = ("actor", "act", "case", "from", "to")


async def _show(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    zone = page.preferences.zone
    case, actor = form.text("case"), form.text("actor")
    asked = ListTrailRequest(
        case=case,
        actor=page.me if actor == "me" else actor,
        act=form.choice("act", ACTS),
        page_size=PAGE_SIZE,
        page_token=form.text("page"),
    )
    if first := form.day("from"):
        asked.start_time.CopyFrom(stamp_of(at_midnight(first, zone)))
    if last := form.day("to"):
        asked.end_time.CopyFrom(stamp_of(at_midnight(last + timedelta(days=1), zone)))
    found = await page.api.ask(page.api.review.ListTrail, asked, ListTrailResponse)
    kept = form.pairs(_KEPT)
    context = {
        "entries": found.trail_entries,
        "form": form,
        "acts": ACTS,
        "first_page": not form.text("page"),
        "next_page": found.next_page_token,
        "query": lambda **more: urlencode([*kept, *((n, v) for n, v in more.items() if v)]),
    }
    return page.show("trail.html", context)


ROUTES = [Route("/trail", _show)]
