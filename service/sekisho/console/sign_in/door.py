"""Signing in as the console's application uses it."""

import time
from collections.abc import Callable, Sequence

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import paths
from sekisho.console.sign_in.cookies import Cookies
from sekisho.console.sign_in.links import Links
from sekisho.console.sign_in.local import LocalSignIn
from sekisho.console.sign_in.middleware import Guard
from sekisho.console.sign_in.pages import Pages, Render
from sekisho.console.sign_in.sessions import Sessions
from sekisho.tokens import Tokens


class SignIn:
    """The door: `routes` are its pages, `middleware` stands before every other.

    Sign-out is a POST to /sign-out with the session's csrf.
    """

    def __init__(
        self,
        options: ConsoleOptions,
        render: Render,
        open_paths: Sequence[str] = paths.OPEN,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take how its pages are drawn, the paths that need no session (with a slash at the end
        for all below), and a clock of Unix seconds."""
        pages = Pages(render)
        self._cookies = Cookies(options)
        self.routes: list[BaseRoute]
        if options.oidc is None:
            self._sessions = Sessions(options, clock)
            links = Links(Tokens(options.token_keys), clock)
            local = LocalSignIn(options, links, self._sessions, self._cookies, pages)
            self.routes = [*local.routes]
        else:
            # What only an issuer needs takes its time to load.
            from sekisho.console.sign_in.client import IssuerClient
            from sekisho.console.sign_in.issuer_sign_in import IssuerSignIn

            client = IssuerClient(options.oidc, options.public_url, clock)
            self._sessions = Sessions(options, clock, client.renew)
            issuer = IssuerSignIn(options, client, self._sessions, self._cookies, pages, clock)
            self.routes = [*issuer.routes]
        self.routes.append(Route(paths.SIGN_OUT, self._sign_out, methods=["POST"]))
        self.middleware = [
            Middleware(Guard, options, self._sessions, self._cookies, pages, open_paths)
        ]

    async def _sign_out(self, request: Request) -> Response:
        self._sessions.end(request.cookies.get(self._cookies.session, ""))
        response = RedirectResponse(f"{paths.SIGN_IN}?signed_out", 303)
        self._cookies.drop(response, self._cookies.session)
        return response
