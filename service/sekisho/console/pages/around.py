"""What else there was with a case's identifiers, in its shop, and of its clerk."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sekisho.console.moments import moment_of, stamp_of
from sekisho.console.page import Page
from sekisho.v1.review_link_pb2 import ListLinksRequest, ListLinksResponse, Tie
from sekisho.v1.review_pb2 import Case
from sekisho.v1.review_queue_pb2 import (
    CaseFilter,
    CaseOrder,
    CaseSummary,
    ListCasesRequest,
    ListCasesResponse,
)

DAYS: Final = 90
_COMMON: Final = 50
"""An identifier of more cases than this ties nothing."""
_NEAR: Final = timedelta(hours=12)
"""How far around a case its shop, terminal and clerk are looked at."""
_MOST: Final = 5
_ORDER: Final = ("line", "document", "card", "sim", "device", "contact", "applicant")


@dataclass(frozen=True, slots=True)
class Place:
    """Cases that share one thing with a case: what, how many, and the newest of them."""

    role: str
    name: str
    count: int
    cases: Sequence[CaseSummary]
    more: bool = False
    """Whether there are more than `count`."""
    common: bool = False
    """Whether it is too common to be followed."""


async def around(page: Page, case: Case) -> list[Place]:
    """Return the places, those of identifiers first. Raises Refused."""
    linked, near = await asyncio.gather(
        page.api.ask(
            page.api.review.ListLinks,
            ListLinksRequest(name=case.decision.name, steps=1, days=DAYS, max_cases=100),
            ListLinksResponse,
        ),
        asyncio.gather(*(_near(page, case, *where) for where in _wheres(case))),
    )
    summaries = {each.case.name: each.case for each in linked.cases}
    ties = [tie for tie in linked.ties if tie.role in _ORDER and case.decision.name in tie.cases]
    ties.sort(key=lambda tie: _ORDER.index(tie.role))
    places = [_tied(tie, summaries, case) for tie in ties]
    return [place for place in (*places, *near) if place.count]


def _tied(tie: Tie, summaries: Mapping[str, CaseSummary], case: Case) -> Place:
    others = [
        summaries[name] for name in tie.cases if name in summaries and name != case.decision.name
    ]
    others.sort(key=lambda each: each.decide_time.seconds, reverse=True)
    count = max(tie.case_count - 1, len(others))
    return Place(tie.role, tie.masked, count, others[:_MOST], common=tie.case_count > _COMMON)


def _wheres(case: Case) -> list[tuple[str, str, CaseFilter]]:
    found = [
        ("clerk", each.masked, CaseFilter(fingerprint=each.fingerprint))
        for each in case.identifiers
        if each.role == "clerk"
    ]
    if case.shop and case.terminal:
        at_terminal = CaseFilter(shop=case.shop, terminal=case.terminal)
        found.append(("terminal", case.terminal, at_terminal))
    if case.shop:
        found.append(("shop", case.shop, CaseFilter(shop=case.shop)))
    return found


async def _near(page: Page, case: Case, role: str, name: str, filter_: CaseFilter) -> Place:
    decided = moment_of(case.decision.decide_time)
    filter_.start_time.CopyFrom(stamp_of(decided - _NEAR))
    filter_.end_time.CopyFrom(stamp_of(decided + _NEAR))
    answer = await page.api.ask(
        page.api.review.ListCases,
        ListCasesRequest(filter=filter_, order=CaseOrder.CASE_ORDER_NEWEST, page_size=50),
        ListCasesResponse,
    )
    others = [each for each in answer.cases if each.name != case.decision.name]
    return Place(role, name, len(others), others[:_MOST], more=bool(answer.next_page_token))
