"""The fraud team's desk over the real application, on both databases."""

import asyncio
from pathlib import Path

import grpc

from sekisho.v1 import decision_pb2, review_act_pb2, review_queue_pb2, risk_check_pb2
from tests.support.review import (
    AFTERWARDS,
    COUNTER,
    FRAUD_TEAM,
    WAITING,
    CaseFilter,
    Desk,
    new_id,
    other,
)
from tests.support.server import refused
from tests.support.service import chip_read, confirmed, forged, until

ALLOWED = decision_pb2.Decision.STATE_ALLOWED
FAILED = decision_pb2.Decision.STATE_STEP_UP_FAILED
OPEN = decision_pb2.Decision.STATE_STEP_UP_OPEN
LEGITIMATE = review_queue_pb2.DISPOSITION_LEGITIMATE


async def test_a_step_up_waits_at_the_counter_and_is_found_by_what_is_known_of_it(
    desk: Desk,
) -> None:
    decision = await desk.step_up()
    (case,) = await desk.listed(CaseFilter(queues=[COUNTER]))
    assert case.name == decision.name
    assert case.open_challenges == [c.kind for c in decision.challenges]
    assert case.risk > 0
    assert case.reasons
    assert case.due_time.seconds == case.decide_time.seconds + 1800
    shown = await desk.service.case(decision)
    assert shown.summary == case
    card = next(each for each in shown.identifiers if each.role == "card")
    for found in (
        CaseFilter(states=[OPEN]),
        CaseFilter(verdict=decision_pb2.VERDICT_STEP_UP),
        CaseFilter(reason=case.reasons[0]),
        CaseFilter(shop="ginza", terminal="t1"),
        CaseFilter(kinds=[case.kind]),
        CaseFilter(start_time=case.decide_time),
        CaseFilter(min_risk=case.risk),
        CaseFilter(dispositions=[review_queue_pb2.DISPOSITION_UNSPECIFIED]),
        CaseFilter(assignee="none"),
        CaseFilter(degraded=False, escalated=False, overdue=False, missed=False),
        CaseFilter(case_number=case.case_number[:3].lower()),
        CaseFilter(fingerprint=card.fingerprint),
    ):
        assert [each.name for each in await desk.listed(found)] == [case.name], found
    for none in (
        CaseFilter(queues=[AFTERWARDS]),
        CaseFilter(states=[ALLOWED]),
        CaseFilter(shop="ginza", terminal="t2"),
        CaseFilter(end_time=case.decide_time),
        CaseFilter(min_risk=case.risk + 1),
        CaseFilter(assignee="me"),
        CaseFilter(degraded=True),
        CaseFilter(missed=True),
        CaseFilter(reason="no_such_rule"),
        CaseFilter(group="groups/" + "0" * 32),
        CaseFilter(fingerprint="00" * 16),
    ):
        assert await desk.listed(none) == [], none


async def test_pages_show_every_case_once_in_each_order(desk: Desk) -> None:
    decisions = [await desk.service.assess(forged(line)) for line in range(16)]
    for decision in decisions:
        await desk.indexed(decision)
    names = [decision.name for decision in decisions]
    for order in review_queue_pb2.CaseOrder.values():
        found = await desk.listed(CaseFilter(queues=WAITING), order)
        assert sorted(each.name for each in found) == sorted(names)
    by_risk = await desk.listed(CaseFilter(queues=[FRAUD_TEAM]))
    assert [each.risk for each in by_risk] == sorted((e.risk for e in by_risk), reverse=True)
    newest = await desk.listed(CaseFilter(), review_queue_pb2.CASE_ORDER_NEWEST)
    assert [each.name for each in newest] == names[::-1]


async def test_queues_are_counted(desk: Desk) -> None:
    for line in range(3):
        await desk.step_up(line)
    await desk.take(CaseFilter(queues=[FRAUD_TEAM]))
    answer = await desk.call("CountCases", review_queue_pb2.CountCasesRequest())
    counted = {each.queue: each for each in answer.queue_counts}
    assert len(counted) == 4
    assert counted[COUNTER].count == counted[COUNTER].unclaimed_count == 1
    assert counted[FRAUD_TEAM].count == 2
    assert counted[FRAUD_TEAM].unclaimed_count == 1
    assert counted[FRAUD_TEAM].overdue_count == 0
    assert counted[AFTERWARDS].count == 0
    assert not counted[AFTERWARDS].HasField("oldest_decide_time")


async def test_an_approval_ends_the_wait_at_the_counter(desk: Desk) -> None:
    decision = await desk.step_up()
    watch = desk.service.client.risk_check.WatchDecision(
        risk_check_pb2.WatchDecisionRequest(name=decision.name), timeout=20
    )
    first = await watch.read()
    assert isinstance(first, decision_pb2.Decision)
    assert first.state == OPEN
    case = await desk.approve(await desk.case(decision))
    assert case.state == ALLOWED
    assert case.queue == review_queue_pb2.QUEUE_NONE
    then = await watch.read()
    assert isinstance(then, decision_pb2.Decision)
    assert then.state == ALLOWED
    assert then.verdict == decision_pb2.VERDICT_ALLOW
    watch.cancel()
    shown = await desk.service.case(decision)
    assert [(e.kind, e.actor) for e in shown.events] == [("approved", "analyst/sato")]
    assert [(e.act, e.note) for e in shown.trail] == [("approved", "called the customer")]
    completed = risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED
    done = await desk.service.outcome(decision, completed)
    assert done.state == decision_pb2.Decision.STATE_COMPLETED
    assert not await desk.listed(CaseFilter(queues=[AFTERWARDS]))


async def test_a_decline_fails_the_step_up_and_stays_on_the_line(desk: Desk) -> None:
    decision = await desk.step_up()
    case = await desk.decline(await desk.case(decision))
    assert case.state == FAILED
    assert case.queue == AFTERWARDS

    async def counted() -> bool:
        again = await desk.service.assess(forged())
        return (await desk.service.facts(again))["velocity.line.failures_90d"] == 1

    await until(counted)
    late = await refused(desk.approve(case))
    assert (late.code, late.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "STEP_UP_NOT_OPEN",
    )


async def test_what_is_demanded_is_asked_for_until_it_is_answered(desk: Desk) -> None:
    decision = await desk.step_up()
    supervisor = decision_pb2.CHALLENGE_KIND_SUPERVISOR
    case = await desk.demand(await desk.case(decision), supervisor)
    assert supervisor in case.open_challenges
    twice = await refused(desk.demand(case, supervisor))
    assert twice.reason == "ALREADY_DEMANDED"
    shown = await desk.service.evidence(decision, chip_read())
    assert shown.state == OPEN
    assert {c.kind for c in shown.challenges if c.state == decision_pb2.Challenge.STATE_OPEN} == {
        supervisor
    }
    ended = await desk.service.evidence(decision, confirmed(supervisor))
    assert ended.state == ALLOWED


async def test_two_analysts_never_hold_one_case(desk: Desk, tmp_path: Path) -> None:
    for line in range(12):
        await desk.step_up(line)
    desks = [other(desk, tmp_path, name) for name in ("sato", "suzuki", "tanaka")]
    wanted = CaseFilter(queues=WAITING)
    taken = await asyncio.gather(*(one.take(wanted) for _ in range(4) for one in desks))
    assert len({case.name for case in taken}) == 12
    empty = await refused(desk.take(wanted))
    assert (empty.code, empty.reason) == (grpc.StatusCode.NOT_FOUND, "QUEUE_EMPTY")
    held = next(case for case in taken if case.assignee == "analyst/suzuki")
    for act in (desk.claim(held), desk.approve(held), desk.decline(held)):
        told = await refused(act)
        assert (told.code, told.reason) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "CASE_CLAIMED",
        )


async def test_no_update_is_lost(desk: Desk, tmp_path: Path) -> None:
    decision = await desk.step_up()
    seen = await desk.case(decision)
    two = [other(desk, tmp_path, name) for name in ("suzuki", "tanaka")]
    ended = await asyncio.gather(
        *(one.dispose(seen, LEGITIMATE) for one in two), return_exceptions=True
    )
    assert sum(isinstance(each, grpc.aio.AioRpcError) for each in ended) == 1
    told = await refused(desk.dispose(seen, LEGITIMATE))
    assert (told.code, told.reason) == (grpc.StatusCode.ABORTED, "CASE_CHANGED")
    assert [act for act, _, _ in await desk.trail(decision.name)] == ["disposed"]


async def test_a_repeat_of_an_act_does_nothing_new(desk: Desk) -> None:
    decision = await desk.step_up()
    case = await desk.case(decision)
    request = review_act_pb2.ApproveCaseRequest(
        name=case.name, request_id=new_id(), etag=case.etag, note="known to us"
    )
    first = await desk.call("ApproveCase", request)
    assert await desk.call("ApproveCase", request) == first
    request.note = "another"
    told = await refused(desk.call("ApproveCase", request))
    assert told.reason == "REQUEST_ID_REUSED"
    take = review_act_pb2.TakeNextCaseRequest(request_id=new_id())
    await desk.step_up(1)
    take.filter.queues.extend(WAITING)
    taken = await desk.call("TakeNextCase", take)
    assert await desk.call("TakeNextCase", take) == taken
    assert len(await desk.trail()) == 2


async def test_a_request_id_of_another_act_is_refused(desk: Desk) -> None:
    case = await desk.case(await desk.step_up())
    approve = review_act_pb2.ApproveCaseRequest(
        name=case.name, request_id=new_id(), etag=case.etag, note="known to us"
    )
    await desk.call("ApproveCase", approve)
    # The same to the byte.
    decline = review_act_pb2.DeclineCaseRequest.FromString(approve.SerializeToString())
    told = await refused(desk.call("DeclineCase", decline))
    assert told.reason == "REQUEST_ID_REUSED"


async def test_what_was_assessed_without_signals_is_not_approved(desk: Desk) -> None:
    await desk.service.flush_cache()
    decision = await desk.service.assess(forged())
    assert decision.degraded
    told = await refused(desk.approve(await desk.case(decision)))
    assert (told.code, told.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SIGNALS_MISSING")


async def test_a_watch_tells_what_appears_changes_and_leaves(desk: Desk) -> None:
    watch = desk.service.client.review.WatchCases(
        review_queue_pb2.WatchCasesRequest(filter=CaseFilter(queues=[COUNTER])), timeout=30
    )

    async def next_change() -> tuple[int, str]:
        while True:
            change = await watch.read()
            assert isinstance(change, review_queue_pb2.CaseChange)
            if change.kind:
                return change.kind, change.case.name

    alive = await watch.read()
    assert isinstance(alive, review_queue_pb2.CaseChange)
    assert not alive.kind
    decision = await desk.step_up()
    assert await next_change() == (review_queue_pb2.CaseChange.KIND_APPEARED, decision.name)
    await desk.claim(await desk.case(decision))
    assert await next_change() == (review_queue_pb2.CaseChange.KIND_CHANGED, decision.name)
    await desk.decline(await desk.case(decision))
    assert await next_change() == (review_queue_pb2.CaseChange.KIND_LEFT, decision.name)
    watch.cancel()


async def test_an_export_has_every_case_and_the_trail_keeps_who_took_it(desk: Desk) -> None:
    for line in range(3):
        await desk.step_up(line)

    async def file(form: int) -> bytes:
        request = review_queue_pb2.ExportCasesRequest(
            filter=CaseFilter(shop="ginza"),
            format=form,  # type: ignore[arg-type]
        )
        metadata = (("authorization", f"Bearer {desk.token}"),)
        stream = desk.client.review.ExportCases(request, timeout=20, metadata=metadata)
        return b"".join([part.content async for part in stream])

    rows = (await file(review_queue_pb2.ExportCasesRequest.FORMAT_CSV)).decode().splitlines()
    assert len(rows) == 4
    assert rows[0].startswith("name,case_number,")
    lines = await file(review_queue_pb2.ExportCasesRequest.FORMAT_JSON_LINES)
    assert lines.count(b"\n") == 3
    (one, two) = await desk.trail()
    assert one == two == ("exported", "analyst/sato", '{"shop": "ginza"}')
