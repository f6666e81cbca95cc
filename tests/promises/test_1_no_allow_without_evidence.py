"""Promise 1: no ALLOW without evidence."""

import signal
from pathlib import Path

import pytest

from sekisho.v1 import decision_pb2
from tests.promises.conftest import import_shops
from tests.support.service import ALLOW, STEP_UP, Whole, covered, ordinary, until, whole

RETRY = decision_pb2.CHALLENGE_KIND_RETRY


async def test_an_ordinary_request_has_no_unknown_fact_and_is_allowed(service: Whole) -> None:
    decision = await service.assess(ordinary())
    case = await service.case(decision)
    assert [fact.name for fact in case.facts if fact.WhichOneof("value") is None] == []
    assert list(case.unevaluated_rules) == []
    assert decision.verdict == ALLOW
    assert not decision.degraded


async def test_a_cache_that_never_answers_means_step_up_and_a_retry_gets_out_of_it(
    service: Whole,
) -> None:
    valkey = service.service.embedded
    assert valkey is not None
    valkey.send_signal(signal.SIGSTOP)
    try:
        decision = await service.assess(ordinary())
    finally:
        valkey.send_signal(signal.SIGCONT)
    assert decision.verdict == STEP_UP
    assert decision.degraded
    assert [challenge.kind for challenge in decision.challenges] == [RETRY]
    case = await service.case(decision)
    assert {signal.cause for signal in case.missing_signals} >= {"cache_unavailable"}

    answers = [decision]

    async def allowed() -> bool:
        answers.append(await service.evidence(decision, decision_pb2.Evidence(challenge=RETRY)))
        return answers[-1].verdict == ALLOW

    await until(allowed)
    assert not answers[-1].degraded
    facts = await service.facts(decision)
    assert facts["velocity.line.tries_1h"] == 1


async def test_an_emptied_cache_knows_nothing_until_it_covers_the_ledger_again(
    service: Whole,
) -> None:
    await service.assess(ordinary())
    await service.flush_cache()
    decision = await service.assess(ordinary())
    assert decision.verdict == STEP_UP
    assert decision.degraded
    await covered(service)

    async def known() -> bool:
        facts = await service.facts(await service.assess(ordinary()))
        return facts["velocity.line.tries_30d"] is not None

    await until(known)


@pytest.mark.slow
async def test_a_killed_cache_means_step_up_until_it_is_back(tmp_path: Path) -> None:
    async with whole(tmp_path) as running:
        await import_shops(running)
        assert running.service.embedded is not None
        running.service.embedded.send_signal(signal.SIGKILL)
        decision = await running.assess(ordinary())
        assert decision.verdict == STEP_UP
        assert decision.degraded
