"""Which cases a page shows: the fields of its form, as the API's filter."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sekisho.console.forms import Form
from sekisho.console.moments import stamp_of
from sekisho.console.page import Page
from sekisho.console.paths import at_midnight
from sekisho.v1.decision_pb2 import Decision, Verdict
from sekisho.v1.review_queue_pb2 import CaseFilter, Disposition, Queue
from sekisho.v1.sim_change_pb2 import SimChange

PAGE_SIZE: Final = 50
WAITING: Final = (
    Queue.QUEUE_FRAUD_TEAM,
    Queue.QUEUE_COUNTER,
    Queue.QUEUE_DEGRADED,
    Queue.QUEUE_AFTERWARDS,
)
"""The queues, as their tabs stand beside each other."""

NARROWING: Final = (
    "reason",
    "shop",
    "terminal",
    "kinds",
    "min_risk",
    "assignee",
    "degraded",
    "case_number",
    "escalated",
    "overdue",
)
"""The fields that say which cases of a queue."""


SEARCHED: Final = (
    *NARROWING,
    "queues",
    "states",
    "verdict",
    "from",
    "to",
    "dispositions",
    "fingerprint",
    "group",
    "missed",
)
"""The fields that say which of all decisions."""


def filter_of(form: Form, queues: Sequence[Queue.ValueType] | None = None) -> CaseFilter:
    """Return what a form asks for; `queues` in place of its own. Raises BadFormError."""
    return CaseFilter(
        queues=form.enums("queues", Queue) if queues is None else queues,
        reason=form.text("reason"),
        shop=form.text("shop"),
        terminal=form.text("terminal"),
        kinds=form.enums("kinds", SimChange.Kind),
        min_risk=form.number("min_risk") or 0.0,
        assignee=form.text("assignee"),
        degraded=form.tri("degraded"),
        case_number=form.text("case_number").upper(),
        escalated=form.tri("escalated"),
        overdue=form.tri("overdue"),
    )


def search_of(page: Page, form: Form) -> CaseFilter:
    """Return what a search over all decisions asks for. Raises BadFormError."""
    found = filter_of(form)
    found.states.extend(form.enums("states", Decision.State))
    found.verdict = form.enum("verdict", Verdict)
    found.dispositions.extend(form.enums("dispositions", Disposition))
    found.fingerprint = form.text("fingerprint")
    found.group = form.text("group")
    missed = form.tri("missed")
    if missed is not None:
        found.missed = missed
    if first := form.day("from"):
        found.start_time.CopyFrom(stamp_of(at_midnight(first, page.preferences.zone)))
    if last := form.day("to"):
        until = at_midnight(last + timedelta(days=1), page.preferences.zone)
        found.end_time.CopyFrom(stamp_of(until))
    return found
