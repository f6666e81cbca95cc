"""Signing in by a one-time link."""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import paths
from sekisho.console.sign_in.cookies import Cookies
from sekisho.console.sign_in.links import Links
from sekisho.console.sign_in.pages import Pages
from sekisho.console.sign_in.sessions import Sessions
from sekisho.tokens import TokenError, analyst_name

_MOST_FORM_BYTES: Final = 16_384


class LocalSignIn:
    """Asks for the name, so that two analysts can work at one default installation.

    Whoever holds a link may take any name: it comes from the terminal of whom the service runs
    as. A link is used up by the form and not by opening it, which a preview does too.
    """

    def __init__(
        self,
        options: ConsoleOptions,
        links: Links,
        sessions: Sessions,
        cookies: Cookies,
        pages: Pages,
    ) -> None:
        self._options = options
        self._links = links
        self._sessions = sessions
        self._cookies = cookies
        self._pages = pages
        self.routes = [
            Route(paths.SIGN_IN, self._ask, methods=["GET"]),
            Route(paths.SIGN_IN, self._enter, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        code = request.query_params.get("code", "")
        if not code:
            signed_out = "signed_out" in request.query_params
            return self._pages.show(request, ask_link=True, signed_out=signed_out)
        try:
            name = self._links.look(code).name
        except TokenError:
            return self._pages.show(request, 400, "bad_link", ask_link=True)
        next_ = paths.inner(request.query_params.get("next", ""))
        return self._pages.show(request, code=code, name=name, next=next_)

    async def _enter(self, request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > _MOST_FORM_BYTES:
                # Anybody may send this, so that little of it is read.
                return self._pages.show(request, 413, "too_long", ask_link=True)
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        code, name = form.get("code", ""), form.get("name", "").strip()
        next_ = paths.inner(form.get("next", ""))
        try:
            self._links.look(code)
            analyst_name(name)
            self._links.use(code)
        except TokenError:
            return self._pages.show(request, 400, "bad_link", ask_link=True)
        except ValueError:
            return self._pages.show(request, 400, "bad_name", code=code, name=name, next=next_)
        response = RedirectResponse(next_, 303)
        cookie = self._sessions.begin(name)
        self._cookies.put(response, self._cookies.session, cookie, self._options.session_seconds)
        return response
