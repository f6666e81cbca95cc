"""The console's application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sekisho.console.api import Api
from sekisho.console.drawing import Drawing
from sekisho.console.files import Files
from sekisho.console.headers import SecurityHeaders
from sekisho.console.options import ConsoleOptions
from sekisho.console.page import Tools
from sekisho.console.pages import (
    acts,
    case,
    confirm,
    figures,
    groups,
    imports,
    jump,
    links,
    live,
    preferences,
    problems,
    queue,
    reports,
    rules,
    search,
    shops,
    trail,
    try_it,
    watchlists,
)
from sekisho.console.rule_texts import RuleTexts
from sekisho.console.sign_in import SignIn
from sekisho.console.uploads import Uploads

PAGES = (
    queue,
    live,
    links,
    case,
    confirm,
    acts,
    jump,
    search,
    groups,
    imports,
    watchlists,
    rules,
    figures,
    shops,
    reports,
    try_it,
    trail,
    preferences,
)


def create(options: ConsoleOptions) -> Starlette:
    """Return the application."""
    files = Files()
    drawing = Drawing(files)
    sign_in = SignIn(options, render=drawing.sign_in)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        # A channel belongs to the loop that it is made in.
        api, uploads = Api(options), Uploads()
        app.state.tools = Tools(api, drawing, RuleTexts(), uploads)
        try:
            yield
        finally:
            await uploads.close()
            await api.close()

    app = Starlette(
        routes=[
            *sign_in.routes,
            *files.routes,
            *(route for page in PAGES for route in page.ROUTES),
            Route("/health", _health),
        ],
        middleware=[
            Middleware(SecurityHeaders, secure=options.secure),
            *sign_in.middleware,
            Middleware(problems.Unexpected),
        ],
        exception_handlers=problems.HANDLERS,
        lifespan=life,
    )
    app.state.secure = options.secure
    return app


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")
