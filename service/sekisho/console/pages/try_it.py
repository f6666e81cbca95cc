"""Trying it: an assessment that records nothing."""

from typing import Any, Final

from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sekisho.console.api import Refused
from sekisho.console.forms import BadFormError, Form
from sekisho.console.identifiers import document_types
from sekisho.console.page import Page
from sekisho.console.pages.problems import why
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.risk_check_pb2 import AssessSimChangeRequest
from sekisho.v1.sim_change_pb2 import (
    Applicant,
    CaptureMethod,
    Captures,
    Chip,
    FaceComparison,
    IdentityDocument,
    SimChange,
)

_SIMS: Final = ("iccid", "eid")
CHOICES: Final = {
    "kind": SimChange.Kind,
    "cause": SimChange.Cause,
    "relationship": Applicant.Relationship,
    "type": IdentityDocument.Type,
    "colour": IdentityDocument.LicenceColour,
    "captured": CaptureMethod,
    "chip": Chip.Outcome,
    "signature": Chip.Signature,
    "face": FaceComparison,
}
"""The fields that are chosen from an enumeration."""


async def _show(request: Request) -> Response:
    return _shown(Page(request), Form([]))


def _shown(
    page: Page, form: Form, decision: Decision | None = None, refused: Refused | None = None
) -> Response:
    context: dict[str, Any] = {
        "form": form,
        "decision": decision,
        "choices": CHOICES,
        "types": document_types(),
        "example": _EXAMPLE,
        "problem": why(refused, page.text) if refused else "",
        "violations": refused.violations if refused else (),
    }
    return page.show("try.html", context, refused.status if refused else 200)


async def _try(request: Request) -> Response:
    page, form = Page(request), await Form.sent(request)
    asked = _of_json(form) if form.text("json") else _of_form(form)
    asked.request_id, asked.validate_only = form.request_id(), True
    try:
        decision = await page.api.ask(page.api.risk_check.AssessSimChange, asked, Decision)
    except Refused as refused:
        return _shown(page, form, refused=refused)
    return _shown(page, form, decision)


def _of_json(form: Form) -> AssessSimChangeRequest:
    try:
        return json_format.Parse(
            form.text("json"), AssessSimChangeRequest(), max_recursion_depth=12
        )
    except (json_format.ParseError, RecursionError):
        raise BadFormError("json") from None


def _of_form(form: Form) -> AssessSimChangeRequest:
    chosen = {name: form.enum(name, kind) for name, kind in CHOICES.items()}
    captured = chosen["captured"]
    document = IdentityDocument(
        type=chosen["type"],
        issuing_country=form.text("country"),
        number=form.text("number"),
        issue_date=form.text("issue_date"),
        expiry_date=form.text("expiry_date"),
        licence_colour=chosen["colour"],
        captures=Captures(
            number=captured,
            names=captured,
            birth_date=captured,
            issue_date=captured,
            expiry_date=captured,
        ),
        face_comparison=chosen["face"],
    )
    if chosen["chip"]:
        document.chip.CopyFrom(Chip(outcome=chosen["chip"], signature=chosen["signature"]))
    change = SimChange(
        kind=chosen["kind"],
        msisdn=form.text("msisdn"),
        imei=form.text("imei"),
        cause=chosen["cause"],
        applicant=Applicant(
            name=form.text("name"),
            birth_date=form.text("birth_date"),
            relationship=chosen["relationship"],
        ),
        contact=form.text("contact"),
        clerk=form.text("clerk"),
        documents=[document],
    )
    if sim := form.text("sim"):
        setattr(change, form.choice("sim_kind", _SIMS) or "iccid", sim)
    return AssessSimChangeRequest(
        shop=form.text("shop"), terminal=form.text("terminal"), sim_change=change
    )


_EXAMPLE: Final = {
    "shop": "ginza",
    "terminal": "t1",
    "msisdn": "09012345678",
    "sim": "8981100022152967705",
    "clerk": "c-101",
    "name": "山田 太郎",
    "birth_date": "1980-04-01",
    "number": "123456789012",
    "issue_date": "2024-04-01",
    "expiry_date": "2029-05-01",
}
"""What the fields show while they are empty."""

ROUTES = [Route("/try", _show), Route("/try", _try, methods=["POST"])]
