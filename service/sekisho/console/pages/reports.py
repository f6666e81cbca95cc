"""Fraud that came to light later: by a decision, by a line, or by a file of many."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.forms import BadFormError, Form
from sekisho.console.page import Page
from sekisho.console.pages.problems import why
from sekisho.console.report_files import COLUMNS, MOST_BYTES, SOURCES, Row, read, request_of
from sekisho.v1.review_act_pb2 import ReportFraudRequest, ReportFraudResponse
from sekisho.v1.review_queue_pb2 import CaseSummary

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report: its row, its cases, or why there are none."""

    number: int
    cases: Sequence[CaseSummary] = ()
    problem: str = ""


async def _show(request: Request) -> Response:
    return _shown(Page(request))


def _shown(
    page: Page,
    form: Form | None = None,
    outcomes: Sequence[Outcome] | None = None,
    refused: Refused | None = None,
) -> Response:
    context = {
        "sources": SOURCES,
        "columns": COLUMNS,
        "form": form or Form([]),
        "outcomes": outcomes,
        "cases": [case for each in outcomes or () for case in each.cases],
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
    }
    return page.show("reports.html", context, refused.status if refused else 200)


async def _report(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    asked = request_of(
        form.text("decision"),
        form.text("msisdn"),
        form.choice("source", SOURCES),
        form.moment("fraud_time", page.preferences.zone),
        form.text("note"),
    )
    if form.text("decision") and form.text("msisdn"):
        raise BadFormError("msisdn")
    asked.request_id = form.request_id()
    try:
        answer = await page.api.ask(page.api.review.ReportFraud, asked, ReportFraudResponse)
    except Refused as refused:
        return _shown(page, form, refused=refused)
    return _shown(page, outcomes=[Outcome(1, answer.cases)])


async def _report_file(request: Request) -> Response:
    page = Page(request)
    form, content = await Form.with_file(request, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise BadFormError("file")
    rows = read(content, page.preferences.zone)
    if any(row.problem for row in rows):
        # Nothing is reported of a file that cannot be read as a whole.
        bad = [
            Outcome(row.number, problem=page.text(f"reports.bad.{row.problem}"))
            for row in rows
            if row.problem
        ]
        return _shown(page, outcomes=bad)
    places, namespace = asyncio.Semaphore(_AT_ONCE), UUID(form.request_id())

    async def report(row: Row) -> Outcome:
        async with places:
            return await _one(page, row, namespace)

    return _shown(page, outcomes=await asyncio.gather(*map(report, rows)))


async def _one(page: Page, row: Row, namespace: UUID) -> Outcome:
    asked = ReportFraudRequest()
    if row.request is not None:
        asked.CopyFrom(row.request)
    # The same file sent again by the same form reports nothing twice.
    asked.request_id = str(uuid5(namespace, str(row.number)))
    try:
        answer = await page.api.ask(page.api.review.ReportFraud, asked, ReportFraudResponse)
    except Refused as refused:
        told = [each.description for each in refused.violations]
        return Outcome(row.number, problem=" ".join([why(refused, page.text), *told]))
    return Outcome(row.number, answer.cases)


ROUTES = [
    Route("/reports", _show),
    Route("/reports", _report, methods=["POST"]),
    Route("/reports/file", _report_file, methods=["POST"]),
]
