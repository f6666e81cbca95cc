"""Importing a file into a watchlist: read it, see what would change, then change it."""

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.pages.problems import why
from sekisho.console.uploads import Upload
from sekisho.console.watchlist_files import COLUMNS, MOST_BYTES, Problem, read
from sekisho.v1.watchlist_pb2 import GetWatchlistRequest, Watchlist, WatchlistEntry


async def _begin(request: Request) -> Response:
    """Show the form of a file."""
    page, name = Page(request), f"watchlists/{request.path_params['id']}"
    asked = GetWatchlistRequest(name=name)
    watchlist = await page.api.ask(page.api.watchlist.GetWatchlist, asked, Watchlist)
    return page.show("import_begin.html", {"watchlist": watchlist, "columns": COLUMNS})


async def _take(request: Request) -> Response:
    page, name = Page(request), f"watchlists/{request.path_params['id']}"
    form, content = await Form.with_file(request, MOST_BYTES)
    entries: Sequence[WatchlistEntry] = ()
    problems: Sequence[Problem] = (Problem(1, "too_long", f"{MOST_BYTES >> 20}"),)
    if len(content) <= MOST_BYTES:
        # A long file takes a while, and other analysts wait.
        entries, problems = await asyncio.to_thread(read, content)
    upload = page.uploads.keep(page.me, name, entries, problems, form.request_id())
    if not problems:
        upload.start(page.api, apply=False)
    return RedirectResponse(_path(upload), 303)


async def _show(request: Request) -> Response:
    page = Page(request)
    upload = _held(page, request)
    refused = upload.refused
    context = {
        "upload": upload,
        "answer": upload.answer,
        "total": len(upload.entries),
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
    }
    return page.show("import.html", context)


async def _apply(request: Request) -> Response:
    page = Page(request)
    await Form.sent(request)
    upload = _held(page, request)
    upload.start(page.api, apply=True)
    return RedirectResponse(_path(upload), 303)


def _held(page: Page, request: Request) -> Upload:
    """Return the file of the page's address. Raises HTTPException where it is held no longer."""
    found = page.uploads.find(request.path_params["upload"], page.me)
    if found is None or found.watchlist != f"watchlists/{request.path_params['id']}":
        raise HTTPException(404)
    return found


def _path(upload: Upload) -> str:
    return f"/{upload.watchlist}/import/{upload.id}"


ROUTES = [
    Route("/watchlists/{id}/import", _begin),
    Route("/watchlists/{id}/import", _take, methods=["POST"]),
    Route("/watchlists/{id}/import/{upload}", _show),
    Route("/watchlists/{id}/import/{upload}", _apply, methods=["POST"]),
]
