"""Promise 3: a repeat is the same."""

import asyncio
from pathlib import Path

import grpc

from sekisho.v1 import risk_check_pb2
from tests.promises.conftest import import_shops
from tests.support.server import refused
from tests.support.service import Whole, forged, ordinary, until, whole


async def test_a_repeat_gets_the_same_decision_and_counts_once_across_a_restart(
    tmp_path: Path,
) -> None:
    request = ordinary()
    async with whole(tmp_path) as running:
        await import_shops(running)
        first = await running.assess(request)
        assert await running.assess(request) == first
    async with whole(tmp_path) as running:
        assert await running.assess(request) == first
        another = await running.assess(ordinary())
        assert (await running.facts(another))["velocity.line.tries_1h"] == 2


async def test_simultaneous_repeats_all_get_one_decision(service: Whole) -> None:
    request = ordinary()
    decisions = await asyncio.gather(*(service.assess(request) for _ in range(20)))
    assert len({decision.name for decision in decisions}) == 1
    facts = await service.facts(await service.assess(ordinary()))
    assert facts["velocity.line.tries_1h"] == 2


async def test_the_same_request_id_with_another_body_is_refused(service: Whole) -> None:
    request = ordinary()
    await service.assess(request)
    request.sim_change.clerk = "clerk-8"
    call = await refused(service.assess(request))
    assert call.code is grpc.StatusCode.ALREADY_EXISTS
    assert call.reason == "REQUEST_ID_REUSED"


async def test_two_shops_may_use_the_same_request_id(service: Whole) -> None:
    request = ordinary("ginza")
    first = await service.assess(request)
    request.shop = "shop-1"
    assert (await service.assess(request)).name != first.name


async def test_repeated_outcomes_count_once(service: Whole) -> None:
    decision = await service.assess(ordinary())
    report = risk_check_pb2.ReportOutcomeRequest(
        name=decision.name,
        request_id="0199b0f0-3333-7222-8333-444455556666",
        shop="ginza",
        terminal="t1",
        outcome=risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED,
    )
    answers = [await service.client.risk_check.ReportOutcome(report, timeout=10) for _ in range(3)]
    assert answers[1:] == answers[:1] * 2

    async def counted_once() -> bool:
        facts = await service.facts(await service.assess(forged()))
        again = await service.facts(await service.assess(ordinary()))
        return (
            facts["velocity.line.completed_24h"] == 0 and again["velocity.line.completed_24h"] == 1
        )

    await until(counted_once)
    report.outcome = risk_check_pb2.ReportOutcomeRequest.OUTCOME_REFUSED
    call = await refused(service.client.risk_check.ReportOutcome(report, timeout=10))
    assert call.reason == "REQUEST_ID_REUSED"
