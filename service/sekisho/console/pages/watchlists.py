"""Watchlists and their entries."""

import asyncio
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.api import Refused, Violation
from sekisho.console.case_filter import PAGE_SIZE
from sekisho.console.forms import Form
from sekisho.console.identifiers import KINDS, PLAIN, document_types, identifier_of
from sekisho.console.moments import stamp_of
from sekisho.console.page import Page
from sekisho.console.pages.problems import why
from sekisho.console.paths import at_midnight, watchlist_path
from sekisho.console.texts import CATALOGUE
from sekisho.v1.watchlist_pb2 import (
    CreateWatchlistEntryRequest,
    CreateWatchlistRequest,
    DeleteWatchlistEntryRequest,
    DeleteWatchlistEntryResponse,
    DeleteWatchlistRequest,
    DeleteWatchlistResponse,
    GetWatchlistRequest,
    Identifier,
    ListWatchlistEntriesRequest,
    ListWatchlistEntriesResponse,
    ListWatchlistsRequest,
    ListWatchlistsResponse,
    LookUpIdentifierRequest,
    LookUpIdentifierResponse,
    Watchlist,
    WatchlistEntry,
)

_LISTS: Final = 1000
FIELDS: Final = ("document", "type", "country", *PLAIN, "name", "birth_date")
"""The fields of an identifier."""


def _name(request: Request) -> str:
    return f"watchlists/{request.path_params['id']}"


def _identifier(form: Form) -> Identifier:
    kind = form.choice("kind", KINDS)
    # One field holds the value of every kind that is a single text.
    fields = {name: form.text(name) for name in FIELDS}
    form.choice("type", document_types())
    return identifier_of(kind or "document", {**fields, kind: form.text("value")})


async def _list(request: Request) -> Response:
    said = Form.of_address(request).text("said")
    said = said if f"watchlists.said.{said}" in CATALOGUE else ""
    return await _listed(Page(request), said=said)


async def _listed(
    page: Page,
    said: str = "",
    found: LookUpIdentifierResponse | None = None,
    refused: Refused | None = None,
) -> Response:
    lists = await page.api.ask(
        page.api.watchlist.ListWatchlists,
        ListWatchlistsRequest(page_size=_LISTS),
        ListWatchlistsResponse,
    )
    context = {
        "lists": lists.watchlists,
        "found": found,
        "said": said,
        **_problem(page, refused),
        **_choices(),
    }
    return page.show("watchlists.html", context, refused.status if refused else 200)


async def _create(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    asked = CreateWatchlistRequest(
        request_id=form.request_id(),
        watchlist_id=form.text("watchlist_id"),
        watchlist=Watchlist(
            display_name=form.text("display_name"), description=form.text("description")
        ),
    )
    try:
        made = await page.api.ask(page.api.watchlist.CreateWatchlist, asked, Watchlist)
    except Refused as refused:
        return await _listed(page, refused=refused)
    return RedirectResponse(watchlist_path(made.name, "made"), 303)


async def _look_up(request: Request) -> Response:
    """Tell which lists hold an identifier. Posted, so that no address holds it in clear."""
    page, form = Page(request), await Form.sent(request)
    asked = LookUpIdentifierRequest(identifier=_identifier(form))
    try:
        found = await page.api.ask(
            page.api.watchlist.LookUpIdentifier, asked, LookUpIdentifierResponse
        )
    except Refused as refused:
        return await _listed(page, refused=refused)
    return await _listed(page, found=found)


async def _show(request: Request) -> Response:
    form = Form.of_address(request)
    said = form.text("said")
    said = said if f"watchlists.said.{said}" in CATALOGUE else ""
    return await _shown(Page(request), _name(request), form.text("page"), said)


async def _shown(
    page: Page, name: str, token: str = "", said: str = "", refused: Refused | None = None
) -> Response:
    watchlist, entries = await asyncio.gather(
        page.api.ask(page.api.watchlist.GetWatchlist, GetWatchlistRequest(name=name), Watchlist),
        page.api.ask(
            page.api.watchlist.ListWatchlistEntries,
            ListWatchlistEntriesRequest(parent=name, page_size=PAGE_SIZE, page_token=token),
            ListWatchlistEntriesResponse,
        ),
    )
    context = {
        "watchlist": watchlist,
        "entries": entries.watchlist_entries,
        "at": watchlist_path(name),
        "first_page": not token,
        "next_page": entries.next_page_token,
        "query": lambda **more: urlencode({n: v for n, v in more.items() if v}),
        "said": said,
        **_problem(page, refused),
        **_choices(),
    }
    return page.show("watchlist.html", context, refused.status if refused else 200)


async def _add(request: Request) -> Response:
    page, form, name = Page(request), await Form.sent(request), _name(request)
    entry = WatchlistEntry(
        identifier=_identifier(form), reason=form.text("reason"), source=form.text("source")
    )
    if last := form.day("expires"):
        end = at_midnight(last + timedelta(days=1), page.preferences.zone)
        entry.expire_time.CopyFrom(stamp_of(end))
    asked = CreateWatchlistEntryRequest(
        request_id=form.request_id(), parent=name, watchlist_entry=entry
    )
    try:
        await page.api.ask(page.api.watchlist.CreateWatchlistEntry, asked, WatchlistEntry)
    except Refused as refused:
        return await _shown(page, name, refused=refused)
    return RedirectResponse(watchlist_path(name, "added"), 303)


async def _remove(request: Request) -> Response:
    page, form, name = Page(request), await Form.sent(request), _name(request)
    asked = DeleteWatchlistEntryRequest(
        request_id=form.request_id(), name=f"{name}/entries/{form.text('entry')}"
    )
    method = page.api.watchlist.DeleteWatchlistEntry
    try:
        await page.api.ask(method, asked, DeleteWatchlistEntryResponse)
    except Refused as refused:
        return await _shown(page, name, refused=refused)
    return RedirectResponse(watchlist_path(name, "removed"), 303)


async def _delete(request: Request) -> Response:
    page, form, name = Page(request), await Form.sent(request), _name(request)
    if form.text("confirm") != request.path_params["id"]:
        told = Violation("confirm", page.text("watchlists.delete_mistyped"))
        return await _shown(page, name, refused=Refused("INVALID_ARGUMENT", "", (told,), 400))
    asked = DeleteWatchlistRequest(request_id=form.request_id(), name=name, etag=form.text("etag"))
    method = page.api.watchlist.DeleteWatchlist
    try:
        await page.api.ask(method, asked, DeleteWatchlistResponse, 60)
    except Refused as refused:
        return await _shown(page, name, refused=refused)
    return RedirectResponse("/watchlists?said=deleted", 303)


async def _act(request: Request) -> Response:
    doing = {"entries": _add, "remove": _remove, "delete": _delete}.get(request.path_params["act"])
    if doing is None:
        raise HTTPException(404)
    return await doing(request)


def _problem(page: Page, refused: Refused | None) -> dict[str, object]:
    return {
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
    }


def _choices() -> dict[str, object]:
    return {"kinds": KINDS, "types": document_types()}


ROUTES = [
    Route("/watchlists", _list),
    Route("/watchlists", _create, methods=["POST"]),
    Route("/watchlists/look-up", _look_up, methods=["POST"]),
    Route("/watchlists/{id}", _show),
    Route("/watchlists/{id}/{act}", _act, methods=["POST"]),
]
