"""From a case number, as read over the telephone, to its case."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.paths import case_path
from sekisho.v1.review_pb2 import Case, GetCaseRequest


async def _jump(request: Request) -> Response:
    page = Page(request)
    asked = GetCaseRequest(name=Form.of_address(request).text("number"))
    found = await page.api.ask(page.api.review.GetCase, asked, Case)
    return RedirectResponse(case_path(found.decision.name), 303)


ROUTES = [Route("/jump", _jump)]
