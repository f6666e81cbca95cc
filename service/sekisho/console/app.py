"""The console's application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sekisho.console.api import Api
from sekisho.console.cases import Cases
from sekisho.console.headers import SecurityHeaders
from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import SignIn


def create(options: ConsoleOptions) -> Starlette:
    """Return the application."""
    sign_in = SignIn(options)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.api = Api(options)
        try:
            yield
        finally:
            await app.state.api.close()

    cases = Cases()
    return Starlette(
        routes=[
            *sign_in.routes,
            Route("/", cases.look_up),
            Route("/cases/{name:path}", cases.show),
            Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
            Route("/health", _health),
        ],
        middleware=[Middleware(SecurityHeaders), *sign_in.middleware],
        lifespan=lifespan,
    )


async def _health(_: Request) -> Response:
    return PlainTextResponse("ok")
