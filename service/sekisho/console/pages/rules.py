"""The policy's rules: what each says, how often it fires, and how often it was right."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.figures import figures_of
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.ranges import range_of
from sekisho.v1.review_figures_pb2 import ListRulesRequest, ListRulesResponse


async def _show(request: Request) -> Response:
    page = Page(request)
    span = range_of(page, Form.of_address(request))
    rules, figures = await asyncio.gather(
        page.api.ask(page.api.review.ListRules, ListRulesRequest(), ListRulesResponse),
        figures_of(page.api, span),
    )
    fired = {each.code: each for each in figures.rules}
    codes = {rule.code for rule in rules.rules}
    context = {
        "rules": rules,
        "fired": fired,
        "former": [each for each in figures.rules if each.code not in codes],
        "total": figures.counts.decision_count,
        "range": span,
    }
    return page.show("rules.html", context)


ROUTES = [Route("/rules", _show)]
