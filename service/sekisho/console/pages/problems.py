"""What a page says when there is none to show."""

from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sekisho import logs
from sekisho.console.api import Refused, Violation
from sekisho.console.forms import BadFormError
from sekisho.console.page import Page
from sekisho.console.texts import Text

_log = structlog.get_logger("sekisho.console")


def why(refused: Refused, text: Text) -> str:
    """Return what a refusal means, in a sentence."""
    key = f"refusals.{refused.reason}"
    return text(key) if text.has(key) else text("refusals.other", reason=refused.reason)


def _page(
    request: Request, status: int, title: str, lead: str, violations: tuple[Violation, ...] = ()
) -> Response:
    """Return a page; `title` and `lead` are keys of texts, or what a refusal means."""
    try:
        page = Page(request)
    except LookupError:
        # Nobody is signed in, and an open path has no such page.
        return PlainTextResponse(f"{status}\n", status)
    text = page.text
    lead = text(lead) if text.has(lead) else lead
    context = {"title": text(title), "lead": lead, "violations": violations}
    return page.show("problem.html", context, status)


async def _refused(request: Request, error: Any) -> Response:
    lead = why(error, Page(request).text)
    return _page(request, error.status, "shell.problem", lead, error.violations)


async def _bad_form(request: Request, error: Any) -> Response:
    field = Violation(str(error), Page(request).text("shell.bad_form"))
    return _page(request, 400, "shell.bad_form", "shell.bad_form_lead", (field,))


async def _http(request: Request, error: Any) -> Response:
    title, lead = {
        404: ("shell.not_found", "shell.not_found_lead"),
        405: ("shell.wrong_method", "shell.not_found_lead"),
    }.get(error.status_code, ("shell.bad_form", "shell.bad_form_lead"))
    answer = _page(request, error.status_code, title, lead)
    answer.headers.update(error.headers or {})
    return answer


class Unexpected:
    """The middleware that turns what nobody foresaw into a page, and tells the log of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever happens."""
        begun = False

        async def tell(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, tell)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            # Without the address: somebody may have typed a number into it.
            _log.error("console_error", method=scope["method"], **logs.describe(error))
            answer = _page(Request(scope), 500, "shell.problem", "shell.unexpected")
            await answer(scope, receive, send)


HANDLERS: dict[Any, Any] = {
    Refused: _refused,
    BadFormError: _bad_form,
    HTTPException: _http,
}
