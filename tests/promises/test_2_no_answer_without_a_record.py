"""Promise 2: no answer without a record."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from sekisho.v1 import decision_pb2, risk_check_pb2
from tests.promises.conftest import import_shops
from tests.support.server import refusal, refused
from tests.support.service import ALLOW, STEP_UP, Whole, ordinary, until, whole

RETRY = decision_pb2.CHALLENGE_KIND_RETRY


@contextmanager
def ledger_away(folder: Path) -> Iterator[None]:
    """Hold the ledger's lock, as a backup that never ends would."""
    other = sqlite3.connect(folder / "ledger.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def delivered(running: Whole) -> None:
    """Wait until nothing lies in the journal."""

    async def empty() -> bool:
        return running.service.journal.state().pending == 0

    await until(empty)


async def test_an_answered_decision_is_there_after_a_restart(tmp_path: Path) -> None:
    async with whole(tmp_path) as running:
        await import_shops(running)
        decision = await running.assess(ordinary())
    async with whole(tmp_path) as running:
        case = await running.case(decision)
        assert case.decision.name == decision.name
        assert case.decision.verdict == decision.verdict


async def test_while_the_ledger_is_away_the_answer_is_a_step_up_that_it_gets_later(
    service: Whole, tmp_path: Path
) -> None:
    requests = [ordinary() for _ in range(5)]
    with ledger_away(tmp_path):
        decisions = [await service.assess(request) for request in requests]
        again = [await service.assess(request) for request in requests]
        read = await service.client.risk_check.GetDecision(
            risk_check_pb2.GetDecisionRequest(name=decisions[0].name), timeout=5
        )
    assert {decision.verdict for decision in decisions} == {STEP_UP}
    assert all(decision.degraded for decision in decisions)
    assert [challenge.kind for challenge in decisions[0].challenges] == [RETRY]
    assert again == decisions
    assert read == decisions[0]
    await delivered(service)
    assert [await service.assess(request) for request in requests] == decisions
    for decision in decisions:
        case = await service.case(decision)
        assert case.decision == decision
        assert ("ledger", "ledger_unavailable") in {
            (signal.signal, signal.cause) for signal in case.missing_signals
        }
    facts = await service.facts(await service.assess(ordinary()))
    assert facts["velocity.line.tries_1h"] == 6


async def test_a_step_up_for_want_of_the_ledger_is_over_when_assessing_again_finds_it(
    service: Whole, tmp_path: Path
) -> None:
    evidence = decision_pb2.Evidence(challenge=RETRY)
    with ledger_away(tmp_path):
        decision = await service.assess(ordinary())
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await service.evidence(decision, evidence)
    answer = refusal(caught.value)
    assert (answer.code, answer.reason) == (grpc.StatusCode.UNAVAILABLE, "LEDGER_UNAVAILABLE")
    assert answer.retry_seconds is not None
    await delivered(service)
    after = await service.evidence(decision, evidence)
    assert after.verdict == ALLOW
    assert (await service.facts(after))["velocity.line.tries_1h"] == 1


async def test_a_request_whose_decision_lies_in_the_journal_is_refused_with_another_body(
    service: Whole, tmp_path: Path
) -> None:
    request = ordinary()
    with ledger_away(tmp_path):
        await service.assess(request)
        request.sim_change.clerk = "somebody-else"
        answer = await refused(service.assess(request))
    assert answer.reason == "REQUEST_ID_REUSED"


async def test_what_lies_in_the_journal_survives_a_restart_and_is_delivered(
    tmp_path: Path,
) -> None:
    request = ordinary()
    async with whole(tmp_path) as running:
        await import_shops(running)
        with ledger_away(tmp_path):
            decision = await running.assess(request)
            await running.service.server.stop()
            # The ledger comes back to a service that has stopped.
    async with whole(tmp_path) as running:
        await delivered(running)
        assert await running.assess(request) == decision
        assert (await running.case(decision)).decision == decision


async def test_with_the_journal_full_too_nothing_is_answered_and_the_caller_is_told_when_to_ask(
    tmp_path: Path,
) -> None:
    async with whole(tmp_path, journal_mb="1") as running:
        await import_shops(running)
        request = ordinary()
        with ledger_away(tmp_path):
            answered: list[decision_pb2.Decision] = []
            while len(answered) < 2_000:
                request.request_id = str(uuid.uuid4())
                try:
                    answered.append(await running.assess(request))
                except grpc.aio.AioRpcError as error:
                    answer = refusal(error)
                    break
        assert (answer.code, answer.reason) == (grpc.StatusCode.UNAVAILABLE, "JOURNAL_FULL")
        assert answer.retry_seconds is not None
        await delivered(running)
        assert (await running.case(answered[-1])).decision == answered[-1]
        facts = await running.facts(await running.assess(request))
        assert facts["velocity.line.tries_1h"] == min(len(answered) + 1, 256)
