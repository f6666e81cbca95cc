"""One case: what it was asked, why it stepped up, what stands around it, and what to do."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.case_filter import WAITING
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.pages.around import Place, around
from sekisho.console.pages.problems import why
from sekisho.console.paths import case_path, decision_name
from sekisho.console.texts import CATALOGUE
from sekisho.v1.decision_pb2 import ChallengeKind, Decision
from sekisho.v1.review_pb2 import Case, Fact, GetCaseRequest
from sekisho.v1.review_queue_pb2 import Disposition, Queue

DEMANDED: Final = (
    ChallengeKind.CHALLENGE_KIND_READ_CHIP,
    ChallengeKind.CHALLENGE_KIND_SECOND_DOCUMENT,
    ChallengeKind.CHALLENGE_KIND_CONFIRM_ON_CURRENT_SIM,
    ChallengeKind.CHALLENGE_KIND_CALL_REGISTERED_CONTACT,
    ChallengeKind.CHALLENGE_KIND_WAIT,
    ChallengeKind.CHALLENGE_KIND_SUPERVISOR,
)
"""What an analyst may ask a shop for."""

BLOCKED: Final = ("card", "device", "sim", "contact", "line")
"""The roles of identifiers that go on a watchlist."""
_NAMESPACES: Final = ("change", "document", "line", "shop", "watchlist", "signals", "velocity")
_NEAREST: Final = 3
_EVERYWHERE: Final = "".join(f"&queues={Queue.Name(each)}" for each in (Queue.QUEUE_NONE, *WAITING))


async def get_case(page: Page, name: str) -> Case:
    """Return a case. Raises Refused."""
    return await page.api.ask(page.api.review.GetCase, GetCaseRequest(name=name), Case)


async def _show(request: Request) -> Response:
    page = Page(request)
    said = Form.of_address(request).text("said")
    case = await get_case(page, decision_name(request.path_params["id"]))
    return shown(page, case, said=said if f"acts.said.{said}" in CATALOGUE else "")


def shown(
    page: Page,
    case: Case,
    said: str = "",
    refused: Refused | None = None,
    sent: Form | None = None,
) -> Response:
    """Return the page of a case. After a refusal it says why, and keeps what was written."""
    roles = {each.role: each for each in case.identifiers}
    # They come nearest first. One of which nothing held was not near.
    nearest = [rule for rule in case.quiet_rules[:_NEAREST] if rule.nearness > 0]
    context = {
        "case": case,
        "summary": case.summary,
        "is_open": case.decision.state == Decision.State.STATE_STEP_UP_OPEN,
        "mine": case.summary.assignee == page.me,
        "number": case.decision.case_number,
        "at": case_path(case.decision.name),
        "facts": _grouped(case.facts),
        "unknown_count": sum(fact.WhichOneof("value") is None for fact in case.facts),
        "nearest": nearest,
        "other_quiet": case.quiet_rules[len(nearest) :],
        "roles": roles,
        "demanded": DEMANDED,
        "dispositions": [value for value in Disposition.values() if value],
        "blocked_roles": [role for role in BLOCKED if role in roles],
        "said": said,
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
        "note": sent.text("note") if sent else "",
        "live": f"/live?case_number={case.decision.case_number}{_EVERYWHERE}",
    }
    return page.show("case.html", context, refused.status if refused else 200)


async def _around(request: Request) -> Response:
    """Return what stands around a case, which its page asks for once it is there itself."""
    page = Page(request)
    case = await get_case(page, decision_name(request.path_params["id"]))
    problem, places = "", list[Place]()
    try:
        places = await around(page, case)
    except Refused as refused:
        problem = why(refused, page.text)
    return page.show("around.html", {"places": places, "problem": problem})


def _grouped(facts: Sequence[Fact]) -> Mapping[str, Sequence[Fact]]:
    found: dict[str, list[Fact]] = {name: [] for name in _NAMESPACES}
    for fact in facts:
        found.setdefault(fact.name.partition(".")[0], []).append(fact)
    return {name: each for name, each in found.items() if each}


ROUTES = [Route("/cases/{id}", _show), Route("/cases/{id}/around", _around)]
