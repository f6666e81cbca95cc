"""What a case is tied to, drawn and as a table; and a group of what was found."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.forms import BadFormError, Form
from sekisho.console.graph import HEIGHT, WIDTH, draw
from sekisho.console.page import Page
from sekisho.console.paths import decision_name
from sekisho.console.texts import CATALOGUE
from sekisho.v1.review_link_pb2 import (
    ListGroupsRequest,
    ListGroupsResponse,
    ListLinksRequest,
    ListLinksResponse,
)

DAYS: Final = (30, 90, 180, 365)
STEPS: Final = ("1", "2", "3", "0")
"""How far to go; 0: until nothing new is found."""
_USUAL_DAYS: Final = 90
_MOST_CASES: Final = 100
_MOST_DAYS: Final = 3650
_SECONDS: Final = 30.0
_GROUPS: Final = 100


async def _show(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    steps = form.text("steps") or "3"
    if steps not in STEPS:
        raise BadFormError("steps")
    days = form.whole("days", _MOST_DAYS) or _USUAL_DAYS
    name = decision_name(request.path_params["id"])
    asked = ListLinksRequest(name=name, steps=int(steps), days=days, max_cases=_MOST_CASES)
    links, groups = await asyncio.gather(
        page.api.ask(page.api.review.ListLinks, asked, ListLinksResponse, _SECONDS),
        page.api.ask(
            page.api.review.ListGroups, ListGroupsRequest(page_size=_GROUPS), ListGroupsResponse
        ),
    )
    cases = [each.case for each in links.cases]
    said = form.text("said")
    ties = {
        case.name: [tie for tie in links.ties if case.name in tie.cases and len(tie.cases) > 1]
        for case in cases
    }
    context = {
        "links": links,
        "start": cases[0] if cases else None,
        "ties": ties,
        "graph": draw(links),
        "box": (WIDTH, HEIGHT),
        "steps": steps,
        "all_steps": STEPS,
        "days": days,
        "all_days": sorted({*DAYS, days}),
        "groups": groups.groups,
        "said": said if f"acts.said.{said}" in CATALOGUE else "",
    }
    return page.show("links.html", context)


ROUTES = [Route("/cases/{id}/links", _show)]
