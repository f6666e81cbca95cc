"""Cases in one line, and the etags that they change by."""

import re

from sekisho.application.ports.review import CaseSummary, QueueCount, Seen, TrailEntry
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.rpc.convert import enums, names, times
from sekisho.v1 import (
    decision_pb2,
    review_act_pb2,
    review_queue_pb2,
    sim_change_pb2,
)

_ETAG = re.compile(r'"?([0-9]{1,9})-([0-9]{1,9})"?')


def etag(case: CaseSummary) -> str:
    """Return what changes with everything that happens to a case."""
    return f'"{case.revision}-{case.review_revision}"'


def seen(raw: str) -> Seen | None:
    """Return the revisions that an etag names; None where none is given."""
    if not raw:
        return None
    found = _ETAG.fullmatch(raw)
    if not found:
        raise MalformedIdentifierError("expected an etag as the case had it")
    return int(found[1]), int(found[2])


def to_proto(case: CaseSummary, now: int) -> review_queue_pb2.CaseSummary:
    """Return a case in one line. A claim whose lease ended before `now` (Unix ms) is none."""
    held = case.lease_expires_at is not None and now < case.lease_expires_at
    return review_queue_pb2.CaseSummary(
        name=names.decision_name(case.decision_id),
        case_number=case.case_number,
        decide_time=times.from_ms(case.decided_at),
        expire_time=times.from_ms(case.expires_at),
        kind=sim_change_pb2.SimChange.Kind.ValueType(enums.KIND_NUMBERS[case.kind]),
        shop=case.shop,
        terminal=case.terminal,
        line=case.line,
        state=decision_pb2.Decision.State.ValueType(enums.DECISION_STATE_NUMBERS[case.state]),
        verdict=decision_pb2.Verdict.ValueType(enums.VERDICT_NUMBERS[case.verdict]),
        degraded=case.degraded,
        risk=case.risk,
        reasons=case.reasons,
        open_challenges=[
            decision_pb2.ChallengeKind.ValueType(enums.CHALLENGE_KIND_NUMBERS[kind])
            for kind in case.open_challenges
        ],
        queue=review_queue_pb2.Queue.ValueType(enums.QUEUE_NUMBERS[case.queue]),
        due_time=None if case.due_at is None else times.from_ms(case.due_at),
        assignee=case.assignee if held else "",
        lease_expire_time=(
            times.from_ms(case.lease_expires_at)
            if held and case.lease_expires_at is not None
            else None
        ),
        escalated=case.escalated,
        disposition=(
            review_queue_pb2.DISPOSITION_UNSPECIFIED
            if case.disposition is None
            else review_queue_pb2.Disposition.ValueType(enums.DISPOSITION_NUMBERS[case.disposition])
        ),
        missed=case.missed,
        group=names.group_name(case.group) if case.group else "",
        etag=etag(case),
    )


def count_to_proto(count: QueueCount) -> review_queue_pb2.CountCasesResponse.QueueCount:
    """Return what waits in one queue."""
    return review_queue_pb2.CountCasesResponse.QueueCount(
        queue=review_queue_pb2.Queue.ValueType(enums.QUEUE_NUMBERS[count.queue]),
        count=count.count,
        unclaimed_count=count.unclaimed,
        overdue_count=count.overdue,
        oldest_decide_time=None if count.oldest_at is None else times.from_ms(count.oldest_at),
    )


def entry_to_proto(entry: TrailEntry) -> review_act_pb2.TrailEntry:
    """Return one thing that an analyst did."""
    return review_act_pb2.TrailEntry(
        act_time=times.from_ms(entry.at),
        actor=entry.actor,
        act=entry.act,
        case=names.decision_name(entry.decision_id) if entry.decision_id else "",
        case_number=entry.case_number,
        summary=entry.summary,
        note=entry.note,
    )
