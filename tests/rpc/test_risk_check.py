"""What reaches the use cases from RiskCheckService, and what comes back."""

import asyncio
from dataclasses import replace

import grpc
import pytest

from sekisho.application.ports.telemetry import NoTelemetry
from sekisho.domain import clerk_texts
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    StepUp,
    Verdict,
)
from sekisho.domain.errors import FailedPreconditionError, RequestIdReusedError
from sekisho.domain.evidence import EvidenceResult, Outcome
from sekisho.domain.sim_change import Counter
from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import decision_pb2, risk_check_pb2
from tests.support import requests
from tests.support.clock import NOW
from tests.support.server import Running, digest, refused, running
from tests.support.use_cases import DECISION_ID, STANDING

OPEN = replace(
    STANDING,
    verdict=Verdict.STEP_UP,
    state=DecisionState.STEP_UP_OPEN,
    degraded=True,
    step_up=StepUp(
        challenges=(
            Challenge(ChallengeKind.READ_CHIP, ChallengeState.SATISFIED),
            Challenge(ChallengeKind.WAIT, ChallengeState.OPEN, wait_until=NOW + 60_000),
            Challenge(
                ChallengeKind.REENTER_NUMBER, ChallengeState.OPEN, fields=("sim_change.imei",)
            ),
        ),
        attempts=1,
        evidence_began=True,
    ),
)
GET = risk_check_pb2.GetDecisionRequest(name=requests.DECISION)
WATCH = risk_check_pb2.WatchDecisionRequest(name=requests.DECISION)


async def test_an_allow_is_answered_with_all_that_a_shop_needs(api: Running) -> None:
    answer = await api.client.risk_check.AssessSimChange(requests.assess())
    assert answer == decision_pb2.Decision(
        name=requests.DECISION,
        request_id=requests.REQUEST_ID,
        verdict=decision_pb2.VERDICT_ALLOW,
        state=decision_pb2.Decision.STATE_ALLOWED,
        case_number="ABCD2345",
        decide_time=from_ms(NOW),
        expire_time=from_ms(NOW + 1_800_000),
        instruction=clerk_texts.instruction(STANDING, "ja"),
        language_code="ja",
        attempts_left=3,
    )


async def test_a_step_up_is_answered_with_its_challenges(api: Running) -> None:
    api.told.standing = OPEN
    answer = await api.client.risk_check.GetDecision(GET, metadata=[("accept-language", "en")])
    assert answer.verdict == decision_pb2.VERDICT_STEP_UP
    assert answer.state == decision_pb2.Decision.STATE_STEP_UP_OPEN
    assert answer.degraded
    assert answer.attempts_left == 2
    chip, wait, reenter = answer.challenges
    assert chip.kind == decision_pb2.CHALLENGE_KIND_READ_CHIP
    assert chip.state == decision_pb2.Challenge.STATE_SATISFIED
    assert not chip.HasField("wait_until_time")
    assert wait.wait_until_time == from_ms(NOW + 60_000)
    assert list(reenter.fields) == ["sim_change.imei"]
    assert reenter.instruction == clerk_texts.challenge_instruction(
        ChallengeKind.REENTER_NUMBER, "en"
    )


async def test_the_instructions_are_in_the_language_asked_for(api: Running) -> None:
    english = await api.client.risk_check.GetDecision(
        GET, metadata=[("accept-language", "fr,en;q=0.5")]
    )
    assert english.language_code == "en"
    assert english.instruction.isascii()
    japanese = await api.client.risk_check.GetDecision(GET)
    assert japanese.language_code == "ja"
    assert not japanese.instruction.isascii()


async def test_what_a_request_is_known_by_is_its_shop_its_id_and_its_bodys_digest(
    api: Running,
) -> None:
    request = requests.assess()
    await api.client.risk_check.AssessSimChange(request)
    once = api.told.last["once"]
    assert once.caller == "ginza"
    assert once.request_id == requests.REQUEST_ID
    assert once.body_digest == digest(request.SerializeToString(deterministic=True))
    request.sim_change.clerk = "clerk-8"
    await api.client.risk_check.AssessSimChange(request)
    assert api.told.last["once"].body_digest != once.body_digest


async def test_a_request_id_is_the_same_in_either_case(api: Running) -> None:
    request = requests.assess()
    request.request_id = requests.REQUEST_ID.upper()
    await api.client.risk_check.AssessSimChange(request)
    assert api.told.last["once"].request_id == requests.REQUEST_ID


async def test_another_body_under_the_same_id_is_refused_with_its_reason(api: Running) -> None:
    api.told.error = RequestIdReusedError("this request_id came before with another body")
    answer = await refused(api.client.risk_check.AssessSimChange(requests.assess()))
    assert answer.code is grpc.StatusCode.ALREADY_EXISTS
    assert answer.reason == "REQUEST_ID_REUSED"


async def test_without_tls_shop_terminal_and_record_count_as_sent(api: Running) -> None:
    request = requests.assess()
    request.sim_change.line_record.CopyFrom(requests.line_record())
    await api.client.risk_check.AssessSimChange(request)
    last = api.told.last
    assert last["counter"] == Counter("ginza", "t1")
    assert last["record_counts"] is True
    assert last["validate_only"] is False
    assert last["change"].line_record is not None


async def test_what_was_not_recorded_has_no_name(api: Running) -> None:
    request = requests.assess()
    request.validate_only = True
    answer = await api.client.risk_check.AssessSimChange(request)
    assert api.told.last["validate_only"] is True
    assert (answer.name, answer.request_id, answer.case_number) == ("", "", "")
    assert answer.verdict == decision_pb2.VERDICT_ALLOW


async def test_evidence_reaches_its_decision(api: Running) -> None:
    request = requests.submit()
    request.evidence.append(
        decision_pb2.Evidence(
            challenge=decision_pb2.CHALLENGE_KIND_SUPERVISOR,
            result=decision_pb2.Evidence.RESULT_CONFIRMED,
            supervisor="boss-1",
        )
    )
    request.evidence.append(
        decision_pb2.Evidence(
            challenge=decision_pb2.CHALLENGE_KIND_REENTER_NUMBER, imei="490154203237518"
        )
    )
    request.evidence.append(decision_pb2.Evidence(challenge=decision_pb2.CHALLENGE_KIND_RETRY))
    await api.client.risk_check.SubmitEvidence(request)
    last = api.told.last
    assert last["decision_id"] == DECISION_ID
    chip, supervisor, number, retry = last["evidence"]
    assert chip.challenge is ChallengeKind.READ_CHIP
    assert chip.document.number == "301612345630"
    assert supervisor.result is EvidenceResult.CONFIRMED
    assert supervisor.supervisor == "boss-1"
    assert number.imei == "490154203237518"
    assert retry.challenge is ChallengeKind.RETRY
    assert retry.result is None


async def test_what_could_not_be_had_needs_nothing_to_show(api: Running) -> None:
    request = requests.submit()
    del request.evidence[:]
    for challenge in (
        decision_pb2.CHALLENGE_KIND_READ_CHIP,
        decision_pb2.CHALLENGE_KIND_SECOND_DOCUMENT,
        decision_pb2.CHALLENGE_KIND_SUPERVISOR,
    ):
        request.evidence.add(challenge=challenge, result=decision_pb2.Evidence.RESULT_UNAVAILABLE)
    await api.client.risk_check.SubmitEvidence(request)
    assert {piece.result for piece in api.told.last["evidence"]} == {EvidenceResult.UNAVAILABLE}


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED, Outcome.COMPLETED),
        (risk_check_pb2.ReportOutcomeRequest.OUTCOME_ABANDONED, Outcome.ABANDONED),
        (risk_check_pb2.ReportOutcomeRequest.OUTCOME_REFUSED, Outcome.REFUSED),
    ],
)
async def test_an_outcome_reaches_its_decision(
    api: Running, sent: risk_check_pb2.ReportOutcomeRequest.Outcome.ValueType, taken: Outcome
) -> None:
    request = requests.outcome()
    request.outcome = sent
    await api.client.risk_check.ReportOutcome(request)
    assert api.told.last["outcome"] is taken
    assert api.told.last["decision_id"] == DECISION_ID


async def test_an_outcome_that_is_known_is_a_failed_precondition(api: Running) -> None:
    api.told.error = FailedPreconditionError("the outcome is known", "OUTCOME_KNOWN")
    answer = await refused(api.client.risk_check.ReportOutcome(requests.outcome()))
    assert answer.code is grpc.StatusCode.FAILED_PRECONDITION
    assert answer.reason == "OUTCOME_KNOWN"


async def test_a_decision_is_watched_as_it_changes(api: Running) -> None:
    api.told.standing = OPEN
    watch = api.client.risk_check.WatchDecision(WATCH, metadata=[("accept-language", "en")])
    first = await watch.read()
    assert isinstance(first, decision_pb2.Decision)
    assert first.state == decision_pb2.Decision.STATE_STEP_UP_OPEN
    api.told.watched.put_nowait(replace(OPEN, state=DecisionState.STEP_UP_FAILED, revision=1))
    async with asyncio.timeout(5):
        second = await watch.read()
    assert isinstance(second, decision_pb2.Decision)
    assert second.state == decision_pb2.Decision.STATE_STEP_UP_FAILED
    assert second.language_code == "en"
    watch.cancel()


@pytest.mark.parametrize("name", ["", "x", "decisions/", f"decisions/{'0' * 32}", "decisions/../x"])
async def test_a_name_that_is_none_is_refused(api: Running, name: str) -> None:
    get = api.client.risk_check.GetDecision(risk_check_pb2.GetDecisionRequest(name=name))
    watch = api.client.risk_check.WatchDecision(risk_check_pb2.WatchDecisionRequest(name=name))
    for call in (get, watch.read()):
        answer = await refused(call)
        assert set(answer.violations) == {"name"}


class Tracing(NoTelemetry):
    """Keeps what was begun and ended."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended = 0

    def begin(self, traceparent: str) -> bytes:
        self.begun.append(traceparent)
        return b"\x07" * 16

    def end(self) -> None:
        self.ended += 1


async def test_an_assessment_goes_on_with_the_callers_trace() -> None:
    telemetry = Tracing()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with running(telemetry=telemetry) as api:
        await api.client.risk_check.AssessSimChange(
            requests.assess(), metadata=[("traceparent", parent)]
        )
        assert api.told.last["trace_id"] == b"\x07" * 16
        api.told.error = ValueError("unexpected")
        await refused(api.client.risk_check.SubmitEvidence(requests.submit()))
        await refused(
            api.client.risk_check.AssessSimChange(
                requests.assess(), metadata=[("traceparent", "x" * 600)]
            )
        )
    assert telemetry.begun == [parent, "", ""]
    assert telemetry.ended == 3
