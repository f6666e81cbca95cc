"""A filter of cases, from the proto."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sekisho.application.ports.review import CaseFilter, CaseOrder
from sekisho.domain import case_number
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.review import Queue
from sekisho.domain.text import normalise_identifier
from sekisho.rpc.convert import enums, names, times
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import review_queue_pb2

T = TypeVar("T")

_FINGERPRINT_BYTES = 16
_ORDERS = {
    review_queue_pb2.CASE_ORDER_UNSPECIFIED: CaseOrder.RISK,
    review_queue_pb2.CASE_ORDER_NEWEST: CaseOrder.NEWEST,
    review_queue_pb2.CASE_ORDER_OLDEST: CaseOrder.OLDEST,
    review_queue_pb2.CASE_ORDER_DUE: CaseOrder.DUE,
}


def case_filter(
    violations: Violations, wanted: review_queue_pb2.CaseFilter, caller: str, now: int
) -> CaseFilter:
    """Return the filter in a request's field `filter`; `caller` is who `me` is."""
    if wanted.terminal and not wanted.shop:
        violations.add("filter.terminal", "expected a shop with it")
    start = end = None
    if wanted.HasField("start_time"):
        start = violations.read("filter.start_time", times.to_ms, wanted.start_time, None)
    if wanted.HasField("end_time"):
        end = violations.read("filter.end_time", times.to_ms, wanted.end_time, None)
    if start is not None and end is not None and end <= start:
        violations.add("filter.end_time", "expected a time after start_time")
    return CaseFilter(
        now=now,
        queues=_all(violations, "filter.queues", wanted.queues, enums.QUEUES),
        states=_all(violations, "filter.states", wanted.states, enums.DECISION_STATES),
        verdict=enums.VERDICTS.get(wanted.verdict),
        reason=wanted.reason,
        shop=wanted.shop,
        terminal=wanted.terminal,
        kinds=_all(violations, "filter.kinds", wanted.kinds, enums.KINDS),
        start=start,
        end=end,
        min_risk=wanted.min_risk,
        dispositions=tuple(enums.DISPOSITIONS.get(each) for each in wanted.dispositions),
        assignee=_assignee(violations, wanted.assignee, caller),
        degraded=wanted.degraded if wanted.HasField("degraded") else None,
        case_number=violations.read("filter.case_number", _number, wanted.case_number, ""),
        fingerprint=violations.read("filter.fingerprint", _fingerprint, wanted.fingerprint, b""),
        group=(
            violations.read("filter.group", names.group_id, wanted.group, "")
            if wanted.group
            else ""
        ),
        escalated=wanted.escalated if wanted.HasField("escalated") else None,
        overdue=wanted.overdue if wanted.HasField("overdue") else None,
        missed=wanted.missed if wanted.HasField("missed") else None,
    )


def case_order(
    violations: Violations, order: review_queue_pb2.CaseOrder.ValueType, wanted: CaseFilter
) -> CaseOrder:
    """Return the order asked for. By risk and by due time is within queues that wait: elsewhere
    the newest come first."""
    found = _ORDERS.get(order, CaseOrder.RISK)
    waiting = bool(wanted.queues) and Queue.NONE not in wanted.queues
    if waiting:
        return found
    if found is CaseOrder.DUE:
        violations.add("order", "expected filter.queues with it, and QUEUE_NONE not among them")
    return CaseOrder.NEWEST if found is CaseOrder.RISK else found


def _all(
    violations: Violations, field: str, numbers: Iterable[int], known: Mapping[int, T]
) -> tuple[T, ...]:
    found: list[T] = []
    for place, number in enumerate(numbers):
        if number in known:
            found.append(known[number])
        else:
            violations.add(f"{field}[{place}]", "expected one that is stated")
    return tuple(dict.fromkeys(found))


def _assignee(violations: Violations, raw: str, caller: str) -> str | None:
    if raw == "me":
        return caller
    if raw == "none":
        return None
    return violations.read("filter.assignee", names.analyst, raw, "") if raw else ""


def _number(raw: str) -> str:
    """Return the beginning of a case number."""
    beginning = normalise_identifier(raw).replace("-", "").replace(" ", "").upper()
    if len(beginning) > case_number.LENGTH or not set(beginning) <= set(case_number.ALPHABET):
        raise MalformedIdentifierError("expected the beginning of a case number")
    return beginning


def _fingerprint(raw: str) -> bytes:
    if not raw:
        return b""
    try:
        found = bytes.fromhex(raw)
    except ValueError:
        found = b""
    if len(found) != _FINGERPRINT_BYTES:
        raise MalformedIdentifierError("expected a fingerprint as a case shows it")
    return found
