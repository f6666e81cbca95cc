"""Lets nobody in who is not signed in, and nothing that another site made a browser send."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sekisho.console.options import ConsoleOptions
from sekisho.console.session import attach
from sekisho.console.sign_in import forgery, paths
from sekisho.console.sign_in.cookies import Cookies
from sekisho.console.sign_in.pages import Pages
from sekisho.console.sign_in.sessions import Sessions
from sekisho.tokens import IssuerUnavailableError

_HEALTH: Final = "/health"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class Guard:
    """The middleware. It holds no response back, so that streams pass."""

    def __init__(
        self,
        app: ASGIApp,
        options: ConsoleOptions,
        sessions: Sessions,
        cookies: Cookies,
        pages: Pages,
        open_paths: Sequence[str] = paths.OPEN,
    ) -> None:
        self._app = app
        self._origin = options.public_url
        self._host = urlsplit(options.public_url).netloc.lower()
        self._first_page = paths.SIGN_IN if options.local_sign_in else paths.START
        self._sessions = sessions
        self._cookies = cookies
        self._pages = pages
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it pass."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError("the console speaks HTTP only")
        request = Request(scope, receive)
        refused, receive = await self._check(request, receive)
        if refused is not None:
            await refused(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _check(self, request: Request, receive: Receive) -> tuple[Response | None, Receive]:
        path, headers = str(request.scope["path"]), request.headers
        if path == _HEALTH and request.method in forgery.SAFE:
            return None, receive
        # A name that somebody else's DNS points here is another origin with no session, and is
        # told nothing.
        if headers.get("host", "").lower() != self._host:
            return PlainTextResponse(f"the console is at {self._origin}\n", 421), receive
        if request.method not in _METHODS:
            return PlainTextResponse("method not allowed\n", 405), receive
        changes = request.method not in forgery.SAFE
        if changes and not forgery.same_origin(headers, self._origin):
            return self._forged(request), receive
        if paths.is_open(path, self._open_paths):
            return None, receive
        try:
            cookie = request.cookies.get(self._cookies.session, "")
            session = await self._sessions.find(cookie) if cookie else None
        except IssuerUnavailableError:
            return self._pages.show(request, 503, "issuer_away", back=paths.HOME), receive
        if session is None:
            return self._unknown(request, headers), receive
        if changes:
            try:
                given, receive = await forgery.value_of(headers, receive)
            except forgery.TooLongError:
                return self._pages.show(request, 413, "too_long", back=paths.HOME), receive
            if not forgery.equal(given, session.csrf):
                return self._forged(request), receive
        attach(request.scope, session)
        return None, receive

    def _unknown(self, request: Request, headers: Headers) -> Response:
        """Send a browser to sign in, and back to the page that it wanted. A script is told."""
        mode = headers.get("sec-fetch-mode")
        navigates = mode == "navigate" if mode else "text/html" in headers.get("accept", "")
        if request.method not in forgery.SAFE:
            return self._pages.show(request, 401, "ended", back=self._first_page)
        if not navigates:
            return PlainTextResponse("not signed in\n", 401)
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = paths.inner(request.url.path + query)
        return RedirectResponse(paths.with_next(self._first_page, wanted), 303)

    def _forged(self, request: Request) -> Response:
        return self._pages.show(request, 403, "forged", back=paths.HOME)
