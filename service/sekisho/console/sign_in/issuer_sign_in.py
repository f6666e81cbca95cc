"""Signing in at an OpenID Connect issuer: authorization code with PKCE, state and nonce."""

from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.options import ConsoleOptions
from sekisho.console.sign_in import paths
from sekisho.console.sign_in.client import IssuerClient
from sekisho.console.sign_in.cookies import Cookies
from sekisho.console.sign_in.forgery import equal
from sekisho.console.sign_in.once import Once
from sekisho.console.sign_in.pages import Pages
from sekisho.console.sign_in.sealing import Sealing
from sekisho.console.sign_in.sessions import Sessions
from sekisho.tokens import IssuerUnavailableError, TokenError

_FLOW_SECONDS: Final = 600
_PURPOSE: Final = "flow"


class IssuerSignIn:
    """Sends a browser to the issuer, and takes it back. What must match lies in its own cookie."""

    def __init__(
        self,
        options: ConsoleOptions,
        client: IssuerClient,
        sessions: Sessions,
        cookies: Cookies,
        pages: Pages,
        clock: Callable[[], float],
    ) -> None:
        self._options = options
        self._client = client
        self._sessions = sessions
        self._cookies = cookies
        self._pages = pages
        self._clock = clock
        self._sealing = Sealing(options.cookie_key)
        self._once = Once()
        self.routes = [
            Route(paths.SIGN_IN, self._ask, methods=["GET"]),
            Route(paths.START, self._start, methods=["GET"]),
            Route(paths.CALLBACK, self._enter, methods=["GET"]),
        ]

    async def _ask(self, request: Request) -> Response:
        signed_out = "signed_out" in request.query_params
        return self._pages.show(request, start=paths.START, signed_out=signed_out)

    async def _start(self, request: Request) -> Response:
        next_ = paths.inner(request.query_params.get("next", ""))
        try:
            flow = await self._client.begin()
        except IssuerUnavailableError:
            return self._again(request, 503, "issuer_away")
        response = RedirectResponse(flow.url, 303)
        sealed = self._sealing.seal(
            _PURPOSE,
            {
                "state": flow.state,
                "nonce": flow.nonce,
                "verifier": flow.verifier,
                "next": next_,
                "until": self._clock() + _FLOW_SECONDS,
            },
        )
        self._cookies.put(response, self._cookies.flow(flow.state), sealed, _FLOW_SECONDS)
        response.headers["cache-control"] = "no-store"
        return response

    async def _enter(self, request: Request) -> Response:
        given = request.query_params
        state = given.get("state", "")
        name = self._cookies.flow(state)
        said = self._sealing.open(_PURPOSE, request.cookies.get(name, ""))
        now = self._clock()
        if (
            said is None
            or said["until"] <= now
            or not equal(state, said["state"])
            or given.get("iss", self._client.issuer) != self._client.issuer
            or not self._once.use(state, said["until"], now)
        ):
            return self._again(request, 400, "bad_answer")
        try:
            if "code" not in given:
                denied = given.get("error") == "access_denied"
                response = self._again(request, 400, "denied" if denied else "bad_answer")
            else:
                code = given["code"]
                issued = await self._client.finish(code, said["verifier"], said["nonce"])
                response = RedirectResponse(paths.inner(said["next"]), 303)
                self._cookies.put(
                    response,
                    self._cookies.session,
                    self._sessions.begin(issued.name, issued),
                    self._options.session_seconds,
                )
        except TokenError:
            response = self._again(request, 403, "refused")
        except IssuerUnavailableError:
            response = self._again(request, 503, "issuer_away")
        self._cookies.drop(response, name)
        return response

    def _again(self, request: Request, status: int, problem: str) -> Response:
        return self._pages.show(request, status, problem, start=paths.START)
