"""The pages of one case: look it up by its number, and read why it is what it is."""

from typing import Final
from urllib.parse import quote

import grpc
from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from sekisho.console.api import Api
from sekisho.console.session import session_of
from sekisho.console.sign_in.texts import texts_for
from sekisho.console.texts import TEXTS
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.review_pb2 import Case, Fact

_PROBLEMS: Final = {
    grpc.StatusCode.NOT_FOUND: ("not_found", 404),
    grpc.StatusCode.INVALID_ARGUMENT: ("malformed", 400),
    grpc.StatusCode.PERMISSION_DENIED: ("refused", 403),
    grpc.StatusCode.UNAUTHENTICATED: ("refused", 403),
}


class Cases:
    """Draws the pages."""

    def __init__(self) -> None:
        loader = PackageLoader("sekisho.console", "templates")
        self._templates = Environment(loader=loader, autoescape=True)
        self._templates.filters["value"] = value

    async def look_up(self, request: Request) -> Response:
        """Ask for a case number, or lead to the case of the one that was given."""
        number = request.query_params.get("number", "").strip()
        if number:
            return RedirectResponse(f"/cases/{quote(number)}", 303)
        return self._page(request, 200)

    async def show(self, request: Request) -> Response:
        """Show a case."""
        name = request.path_params["name"]
        language, _ = texts_for(request.headers.get("accept-language", ""))
        api: Api = request.app.state.api
        try:
            case = await api.case(session_of(request), language, name)
        except grpc.aio.AioRpcError as error:
            problem, status = _PROBLEMS.get(error.code(), ("away", 503))
            return self._page(request, status, number=name, problem=problem)
        return self._page(
            request,
            200,
            number=case.decision.case_number,
            case=case,
            state=word(Decision.State.Name(case.decision.state), "STATE_"),
            events=_events(case),
        )

    def _page(self, request: Request, status: int, **context: object) -> Response:
        language, _ = texts_for(request.headers.get("accept-language", ""))
        page = self._templates.get_template("case.html").render(
            language=language, texts=TEXTS[language], session=session_of(request), **context
        )
        return HTMLResponse(page, status, headers={"cache-control": "no-store"})


def word(name: str, prefix: str) -> str:
    """Return an enum value's name as a page shows it: `STEP UP OPEN`."""
    return name.removeprefix(prefix).replace("_", " ")


def value(fact: Fact) -> str | None:
    """Return a fact's value as a page shows it, None where it is unknown."""
    kind = fact.WhichOneof("value")
    if kind is None:
        return None
    if kind == "list_value":
        return ", ".join(fact.list_value.values)
    found = getattr(fact, kind)
    return str(found).lower() if isinstance(found, bool) else str(found)


def _events(case: Case) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            each.event_time.ToJsonString(),
            each.kind,
            each.actor,
            each.summary,
            word(Decision.State.Name(each.state), "STATE_"),
        )
        for each in case.events
    ]
