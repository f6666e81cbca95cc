"""Groups of cases that belong together."""

import asyncio
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.case_filter import PAGE_SIZE
from sekisho.console.forms import BadFormError, Form
from sekisho.console.page import Page
from sekisho.console.pages.problems import why
from sekisho.console.paths import group_path
from sekisho.console.texts import CATALOGUE
from sekisho.v1.review_link_pb2 import (
    CreateGroupRequest,
    GetGroupRequest,
    Group,
    ListGroupsRequest,
    ListGroupsResponse,
    UpdateGroupRequest,
)
from sekisho.v1.review_pb2 import Case, GetCaseRequest
from sekisho.v1.review_queue_pb2 import CaseFilter, CaseOrder, ListCasesRequest, ListCasesResponse

_KEPT: Final = ("followed", "assignee")
_MOST_CASES: Final = 500
_MOST_NUMBERS: Final = 50


async def _list(request: Request) -> Response:
    page, form = Page(request), Form.of_address(request)
    asked = ListGroupsRequest(
        followed=form.choice("followed", ("yes",)) == "yes",
        assignee=form.text("assignee"),
        page_size=PAGE_SIZE,
        page_token=form.text("page"),
    )
    found = await page.api.ask(page.api.review.ListGroups, asked, ListGroupsResponse)
    kept = form.pairs(_KEPT)
    context = {
        "groups": found.groups,
        "form": form,
        "first_page": not form.text("page"),
        "next_page": found.next_page_token,
        "query": lambda **more: urlencode([*kept, *((n, v) for n, v in more.items() if v)]),
    }
    return page.show("groups.html", context)


async def _make(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    asked = CreateGroupRequest(
        request_id=form.request_id(),
        display_name=form.text("display_name"),
        description=form.text("description"),
        cases=form.texts("cases"),
    )
    made = await page.api.ask(page.api.review.CreateGroup, asked, Group)
    return RedirectResponse(group_path(made.name, "made"), 303)


async def _add(request: Request) -> Response:
    """Put chosen cases into the group that is chosen beside them."""
    page, form = Page(request), await Form.sent(request)
    name = form.text("group")
    if not name:
        raise BadFormError("group")
    group = await _get(page, name)
    asked = UpdateGroupRequest(
        name=name,
        request_id=form.request_id(),
        etag=group.etag,
        added_cases=form.texts("cases"),
    )
    await page.api.ask(page.api.review.UpdateGroup, asked, Group)
    return RedirectResponse(group_path(name, "added"), 303)


async def _show(request: Request) -> Response:
    page = Page(request)
    said = Form.of_address(request).text("said")
    group = await _get(page, f"groups/{request.path_params['id']}")
    return await _shown(page, group, said=said if f"groups.said.{said}" in CATALOGUE else "")


async def _update(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    name = f"groups/{request.path_params['id']}"
    asked = UpdateGroupRequest(name=name, request_id=form.request_id(), etag=form.text("etag"))
    try:
        said = await _fill(page, form, asked)
        await page.api.ask(page.api.review.UpdateGroup, asked, Group)
    except Refused as refused:
        return await _shown(page, await _get(page, name), refused=refused)
    return RedirectResponse(group_path(name, said), 303)


async def _fill(page: Page, form: Form, asked: UpdateGroupRequest) -> str:
    """Put into a request what its form is for, and return what to say of it."""
    match form.choice("change", ("texts", "assignee", "follow", "unfollow", "add", "remove")):
        case "texts":
            asked.display_name = form.text("display_name")
            asked.description = form.text("description")
            return "changed"
        case "assignee":
            asked.assignee = form.text("assignee")
            return "handed"
        case "follow":
            asked.followed = True
            return "followed"
        case "unfollow":
            asked.followed = False
            return "unfollowed"
        case "add":
            asked.added_cases.extend(await _names(page, form.text("numbers")))
            return "added"
        case "remove":
            asked.removed_cases.extend(form.texts("cases"))
            return "removed"
        case _:
            raise BadFormError("change")


async def _names(page: Page, numbers: str) -> list[str]:
    """Return the cases of case numbers, given with anything but letters between them."""
    found = numbers.replace(",", " ").replace("、", " ").split()
    if not 0 < len(found) <= _MOST_NUMBERS:
        raise BadFormError("numbers")
    cases = await asyncio.gather(
        *(page.api.ask(page.api.review.GetCase, GetCaseRequest(name=each), Case) for each in found)
    )
    return [each.decision.name for each in cases]


async def _get(page: Page, name: str) -> Group:
    return await page.api.ask(page.api.review.GetGroup, GetGroupRequest(name=name), Group)


async def _shown(
    page: Page, group: Group, said: str = "", refused: Refused | None = None
) -> Response:
    asked = ListCasesRequest(
        filter=CaseFilter(group=group.name),
        order=CaseOrder.CASE_ORDER_NEWEST,
        page_size=_MOST_CASES,
    )
    cases, texts = await asyncio.gather(
        page.api.ask(page.api.review.ListCases, asked, ListCasesResponse), page.rule_texts()
    )
    context: dict[str, Any] = {
        "group": group,
        "cases": cases.cases,
        "texts": texts,
        "at": group_path(group.name),
        "said": said,
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
    }
    return page.show("group.html", context, refused.status if refused else 200)


ROUTES = [
    Route("/groups", _list),
    Route("/groups", _make, methods=["POST"]),
    Route("/groups/add", _add, methods=["POST"]),
    Route("/groups/{id}", _show),
    Route("/groups/{id}", _update, methods=["POST"]),
]
