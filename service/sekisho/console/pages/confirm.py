"""Confirming fraud: the disposition, its identifiers blocked, and then what else there is."""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.forms import Form
from sekisho.console.moments import stamp_of
from sekisho.console.page import Page
from sekisho.console.pages import case as case_page
from sekisho.console.paths import at_midnight, case_path, decision_name
from sekisho.v1 import review_act_pb2 as act
from sekisho.v1.review_queue_pb2 import CaseSummary, Disposition

_MOST_DAYS: Final = 3650
_DAYS: Final = 90
"""How far back related decisions are looked at once fraud is confirmed."""


def block_of(page: Page, name: str, form: Form) -> act.BlockIdentifiersRequest:
    """Return what a form asks to be blocked. Raises BadFormError."""
    roles = form.texts("roles")
    request = act.BlockIdentifiersRequest(
        name=name,
        request_id=form.request_id(),
        etag=form.text("etag"),
        note=form.text("note"),
        roles=roles,
        watchlist=f"watchlists/{form.text('watchlist')}" if roles else "",
        lock_line=bool(form.text("lock_line")),
    )
    if days := form.whole("days", _MOST_DAYS):
        # To the end of a day: a form sent twice within one is the same request.
        zone = page.preferences.zone
        last = page.now.astimezone(zone).date() + timedelta(days=days)
        request.expire_time.CopyFrom(stamp_of(at_midnight(last + timedelta(days=1), zone)))
    return request


async def _confirm(request: Request) -> Response:
    """Confirm fraud in one step: the disposition, its identifiers blocked, and then what else
    there is."""
    page, form = Page(request), await Form.sent(request)
    name, review = decision_name(request.path_params["id"]), page.api.review
    first = act.SetDispositionRequest(
        name=name,
        request_id=form.request_id(),
        etag=form.text("etag"),
        note=form.text("note"),
        disposition=Disposition.DISPOSITION_CONFIRMED_FRAUD,
    )
    block = block_of(page, name, form)
    block.request_id = _block_id(first.request_id, block)
    try:
        if not form.text("disposed"):
            found = await page.api.ask(review.SetDisposition, first, CaseSummary)
            block.etag = found.etag
        if block.roles or block.lock_line:
            await _blocked(page, block)
    except Refused as refused:
        case = await case_page.get_case(page, name)
        return case_page.shown(page, case, refused=refused, sent=form)
    return RedirectResponse(f"{case_path(name)}/links?steps=3&days={_DAYS}&said=confirmed", 303)


def _block_id(form_id: str, block: act.BlockIdentifiersRequest) -> str:
    """Return the id of the second of two calls that one form makes: its own for each content."""
    content = act.BlockIdentifiersRequest()
    content.CopyFrom(block)
    content.ClearField("etag")
    return str(uuid5(UUID(form_id), content.SerializeToString(deterministic=True).hex()))


async def _blocked(page: Page, block: act.BlockIdentifiersRequest) -> None:
    try:
        await page.api.ask(page.api.review.BlockIdentifiers, block, act.BlockIdentifiersResponse)
    except Refused as refused:
        # The id stands for all but the etag. With another etag it is the form sent twice, which
        # finds the case as it itself has changed it.
        if refused.reason != "REQUEST_ID_REUSED":
            raise


ROUTES = [Route("/cases/{id}/confirm", _confirm, methods=["POST"])]
