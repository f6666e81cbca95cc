"""What an analyst does to a case, each act a form of its page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.forms import Form
from sekisho.console.page import Page
from sekisho.console.pages import case as case_page
from sekisho.console.pages import confirm
from sekisho.console.paths import case_path, decision_name
from sekisho.v1 import review_act_pb2 as act
from sekisho.v1.decision_pb2 import ChallengeKind
from sekisho.v1.review_queue_pb2 import CaseSummary, Disposition


@dataclass(frozen=True, slots=True)
class _Act:
    """One act: its method, what makes its request of a form, what to say, and its answer."""

    method: str
    request: Callable[[Page, str, Form], Any]
    said: str
    answer: type[Any] = CaseSummary


def _about(name: str, form: Form) -> dict[str, str]:
    return {"name": name, "request_id": form.request_id(), "etag": form.text("etag")}


def _noted(name: str, form: Form) -> dict[str, str]:
    return {**_about(name, form), "note": form.text("note")}


_ACTS: Final[Mapping[str, _Act]] = {
    "claim": _Act("ClaimCase", lambda _, n, f: act.ClaimCaseRequest(**_about(n, f)), "claimed"),
    "release": _Act(
        "ReleaseCase", lambda _, n, f: act.ReleaseCaseRequest(**_about(n, f)), "released"
    ),
    "reassign": _Act(
        "ReassignCase",
        lambda _, n, f: act.ReassignCaseRequest(**_noted(n, f), assignee=f.text("assignee")),
        "reassigned",
    ),
    "approve": _Act(
        "ApproveCase", lambda _, n, f: act.ApproveCaseRequest(**_noted(n, f)), "approved"
    ),
    "decline": _Act(
        "DeclineCase", lambda _, n, f: act.DeclineCaseRequest(**_noted(n, f)), "declined"
    ),
    "demand": _Act(
        "DemandChallenge",
        lambda _, n, f: act.DemandChallengeRequest(
            **_noted(n, f), challenge=f.enum("challenge", ChallengeKind)
        ),
        "demanded",
    ),
    "escalate": _Act(
        "EscalateCase", lambda _, n, f: act.EscalateCaseRequest(**_noted(n, f)), "escalated"
    ),
    "note": _Act("AddNote", lambda _, n, f: act.AddNoteRequest(**_noted(n, f)), "noted"),
    "dispose": _Act(
        "SetDisposition",
        lambda _, n, f: act.SetDispositionRequest(
            **_noted(n, f), disposition=f.enum("disposition", Disposition)
        ),
        "disposed",
    ),
    "block": _Act("BlockIdentifiers", confirm.block_of, "blocked", act.BlockIdentifiersResponse),
}


async def _do(request: Request) -> Response:
    doing = _ACTS.get(request.path_params["act"])
    if doing is None:
        raise HTTPException(404)
    page, form = Page(request), await Form.sent(request)
    name = decision_name(request.path_params["id"])
    method = getattr(page.api.review, doing.method)
    try:
        await page.api.ask(method, doing.request(page, name, form), doing.answer)
    except Refused as refused:
        # The case as it is now, with what was written kept.
        case = await case_page.get_case(page, name)
        return case_page.shown(page, case, refused=refused, sent=form)
    return RedirectResponse(case_path(name, doing.said), 303)


ROUTES = [
    Route("/cases/{id}/{act}", _do, methods=["POST"]),
]
