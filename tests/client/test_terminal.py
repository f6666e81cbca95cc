"""What a terminal makes of answers and failures, against a service that gives any."""

import asyncio
import time
import uuid

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.client import BadField, Decided, Terminal, Unanswered, Why
from sekisho.domain import errors
from sekisho.domain.errors import Violation
from sekisho.rpc.errors import DETAILS_KEY, DrainingError
from sekisho.v1.decision_pb2 import Evidence
from sekisho.v1.risk_check_pb2 import (
    AssessSimChangeRequest,
    ReportOutcomeRequest,
    SubmitEvidenceRequest,
)
from tests.client.peer import (
    Act,
    Peer,
    allows,
    answers,
    decision,
    fails,
    open_step_up,
    peer,
    refuses,
    says,
    stalls,
)
from tests.support import requests

CHANGE = requests.sim_change()
ID = requests.REQUEST_ID
Code = grpc.StatusCode


def terminal(*peers: Peer, timeout: float = 5.0) -> Terminal:
    addresses = [each.address for each in peers]
    return Terminal.connect(*addresses, timeout=timeout, shop="ginza", terminal="t1", language="en")


async def unanswered(asking: Terminal) -> Unanswered:
    answer = await asking.assess(CHANGE, request_id=ID)
    assert isinstance(answer, Unanswered)
    assert not answer.allowed
    assert answer.request_id == ID
    return answer


async def test_an_assessment_tells_the_decision(service: Peer) -> None:
    async with terminal(service) as asking:
        answer = await asking.assess(CHANGE, request_id=ID)
    assert isinstance(answer, Decided)
    assert answer.allowed
    assert (answer.name, answer.instruction) == (requests.DECISION, "Go on.")
    (call,) = service.calls
    assert AssessSimChangeRequest.FromString(call.body) == requests.assess()
    assert call.metadata["accept-language"] == "en"
    assert call.seconds is not None
    # Rounded up on the way.
    assert 4 < call.seconds < 5.1


async def test_a_request_without_an_id_gets_a_fresh_one(service: Peer) -> None:
    async with terminal(service) as asking:
        for _ in range(2):
            assert (await asking.assess(CHANGE)).allowed
    ids = {AssessSimChangeRequest.FromString(body).request_id for body in service.bodies}
    assert len({uuid.UUID(each) for each in ids}) == 2


async def test_what_follows_an_assessment_names_its_decision(service: Peer) -> None:
    service.does(answers(open_step_up()))
    evidence = Evidence(result=Evidence.RESULT_CONFIRMED)
    async with terminal(service) as asking:
        answer = await asking.assess(CHANGE)
        assert isinstance(answer, Decided)
        again = await asking.submit_evidence(answer, evidence, request_id=ID)
        assert again.instruction == "Wait."
        reported = await asking.report_outcome(answer.name, "abandoned", request_id=ID)
        assert reported.answered
        assert (await asking.get(answer)).answered
    submitted = SubmitEvidenceRequest.FromString(service.bodies[1])
    assert (submitted.name, submitted.request_id) == (requests.DECISION, ID)
    assert list(submitted.evidence) == [evidence]
    outcome = ReportOutcomeRequest.FromString(service.bodies[2])
    assert (outcome.name, outcome.request_id) == (requests.DECISION, ID)
    assert outcome.outcome == ReportOutcomeRequest.OUTCOME_ABANDONED
    assert [call.method for call in service.calls] == [
        "AssessSimChange",
        "SubmitEvidence",
        "ReportOutcome",
        "GetDecision",
    ]


@pytest.mark.parametrize(
    "act",
    [
        fails(Code.UNAVAILABLE),
        fails(Code.CANCELLED),
        fails(Code.DEADLINE_EXCEEDED),
        refuses(errors.LedgerUnavailableError("away", 0.05)),
        refuses(DrainingError("this process is stopping", 0.05)),
    ],
)
async def test_what_may_pass_is_asked_again_with_the_same_request(service: Peer, act: Act) -> None:
    service.does(act, act, allows)
    async with terminal(service) as asking:
        assert (await asking.assess(CHANGE)).allowed
    assert len(service.bodies) == 3
    assert len(set(service.bodies)) == 1


async def test_an_overloaded_service_is_asked_again_after_the_time_that_it_names(
    service: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It names a time by chance, from half a second on: here one that can be told from a retry's.
    monkeypatch.setattr("sekisho.rpc.errors._OVERLOADED_RETRY_SECONDS", (1.0, 1.5))
    service.does(refuses(errors.OverloadedError("too many")), allows)
    async with terminal(service) as asking:
        assert (await asking.assess(CHANGE)).allowed
    first, then = (call.at for call in service.calls)
    assert then - first >= 1


async def test_a_time_that_is_not_left_is_not_waited_for(service: Peer) -> None:
    service.does(refuses(errors.LedgerUnavailableError("away", 30)))
    begun = time.monotonic()
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert time.monotonic() - begun < 4
    assert (answer.why, answer.reason) == (Why.NO_ANSWER, "LEDGER_UNAVAILABLE")
    assert answer.retry_after == 30
    assert answer.may_repeat
    assert len(service.calls) == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (Code.INTERNAL, Why.FAILED),
        (Code.UNKNOWN, Why.FAILED),
        (Code.ABORTED, Why.NO_ANSWER),
        (Code.RESOURCE_EXHAUSTED, Why.NO_ANSWER),
        (Code.PERMISSION_DENIED, Why.REFUSED),
        (Code.UNAUTHENTICATED, Why.REFUSED),
        (Code.FAILED_PRECONDITION, Why.REFUSED),
        (Code.UNIMPLEMENTED, Why.REFUSED),
        (Code.INVALID_ARGUMENT, Why.BAD_INPUT),
    ],
)
async def test_what_does_not_pass_is_asked_once(service: Peer, code: Code, why: Why) -> None:
    service.does(fails(code), allows)
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert (answer.why, answer.code, answer.reason) == (why, code, code.name)
    assert len(service.calls) == 1


async def test_a_request_id_of_another_request_is_refused(service: Peer) -> None:
    service.does(refuses(errors.RequestIdReusedError("came before with another body")))
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert (answer.why, answer.reason) == (Why.REFUSED, "REQUEST_ID_REUSED")
    assert not answer.may_repeat


async def test_bad_input_names_every_field(service: Peer) -> None:
    found = [Violation("sim_change.msisdn", "expected digits"), Violation("shop", "expected one")]
    service.does(refuses(errors.InvalidArgumentError(found)))
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert answer.why is Why.BAD_INPUT
    assert answer.fields == (
        BadField("sim_change.msisdn", "expected digits"),
        BadField("shop", "expected one"),
    )


async def test_details_that_cannot_be_read_count_as_none(service: Peer) -> None:
    service.does(fails(Code.INVALID_ARGUMENT, (DETAILS_KEY, b"\xff\xff")))
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert (answer.why, answer.fields) == (Why.BAD_INPUT, ())


async def test_bytes_that_are_no_decision_are_no_answer(service: Peer) -> None:
    service.does(says(b"\xff\xff\xff"))
    async with terminal(service) as asking:
        answer = await unanswered(asking)
    assert (answer.why, answer.message) == (Why.FAILED, "what came is not a decision")


@pytest.mark.parametrize("body", [b"", decision().SerializeToString()])
async def test_an_answer_to_another_request_is_none(service: Peer, body: bytes) -> None:
    service.does(says(body))
    async with terminal(service) as asking:
        answer = await asking.assess(CHANGE)
        assert isinstance(answer, Unanswered)
        assert answer.message == "the answer is to another request"
        other = requests.DECISION.replace("a", "b")
        assert (await asking.get(other)).step_up
        assert (await asking.submit_evidence(other, Evidence())).step_up
        assert not (await asking.report_outcome(other, "completed")).answered


async def test_a_verdict_that_the_client_does_not_know_is_a_step_up(service: Peer) -> None:
    service.does(answers(decision(99)))
    async with terminal(service) as asking:
        answer = await asking.assess(CHANGE)
    assert isinstance(answer, Decided)
    assert answer.decision.verdict == 99
    assert answer.step_up
    assert answer.instruction != "Go on."


_NUMBERS = st.one_of(st.integers(-1, 9), st.integers(-(2**31), 2**31 - 1))
_ACTS = st.one_of(
    st.builds(lambda v, s: ((v, s) == (1, 1), answers(decision(v, s))), _NUMBERS, _NUMBERS),
    st.builds(lambda body: (False, says(body)), st.binary(max_size=60)),
    st.builds(lambda code: (False, fails(code)), st.sampled_from(list(Code)[1:])),
    st.builds(
        lambda code, raw: (False, fails(code, (DETAILS_KEY, raw))),
        st.sampled_from(list(Code)[1:]),
        st.binary(max_size=60),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_ACTS, min_size=1, max_size=3))
def test_whatever_comes_only_allow_is_allowed(acts: list[tuple[bool, Act]]) -> None:
    async def ask() -> None:
        async with peer() as service:
            service.does(*(act for _, act in acts))
            async with terminal(service, timeout=0.3) as asking:
                answer = await asking.assess(CHANGE)
            heard = acts[min(len(service.calls), len(acts)) - 1][0] if service.calls else False
        assert answer.allowed is heard
        assert answer.step_up is not answer.allowed

    asyncio.run(ask())


async def test_a_service_that_is_away_costs_the_time_of_the_call_and_no_more(
    unused_tcp_port: int,
) -> None:
    asking = Terminal.connect(f"127.0.0.1:{unused_tcp_port}", timeout=0.5)
    begun = time.monotonic()
    async with asking:
        answer = await unanswered(asking)
    assert answer.why is Why.NO_ANSWER
    assert 0.4 < time.monotonic() - begun < 3


async def test_a_service_that_stalls_costs_the_time_of_the_call_and_no_more(service: Peer) -> None:
    service.does(stalls)
    begun = time.monotonic()
    async with terminal(service, timeout=0.5) as asking:
        answer = await unanswered(asking)
        assert (answer.why, answer.code) == (Why.NO_ANSWER, Code.DEADLINE_EXCEEDED)
        assert time.monotonic() - begun < 3
        service.does(allows)
        assert (await asking.assess(CHANGE)).allowed


async def test_a_cancelled_call_is_cancelled(service: Peer) -> None:
    service.does(stalls)
    async with terminal(service) as asking:
        task = asyncio.create_task(asking.assess(CHANGE))
        await service.called()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_terminal_that_closes_leaves_calls_under_way_unanswered(service: Peer) -> None:
    service.does(stalls)
    async with terminal(service) as asking:
        task = asyncio.create_task(unanswered(asking))
        await service.called()
    assert (await task).message == "this terminal is not open"
    assert (await unanswered(asking)).message == "this terminal is not open"


async def test_a_terminal_that_is_not_open_asks_nobody(service: Peer) -> None:
    asking = terminal(service)
    assert (await unanswered(asking)).may_repeat
    assert [answer async for answer in asking.watch(requests.DECISION)] == [await asking.get("")]
    assert not service.calls


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("inf"), float("nan")])
def test_a_timeout_is_a_number_of_seconds(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        Terminal.connect("127.0.0.1:1", timeout=timeout)


@pytest.mark.parametrize("address", ["10.0.0.1:443", "127.evil.example:1", "sekisho:443", "[::]:1"])
def test_beyond_loopback_nothing_is_sent_in_the_clear(address: str) -> None:
    with pytest.raises(ValueError, match="TLS"):
        Terminal.connect("127.0.0.1:1", address)


@pytest.mark.parametrize("address", ["localhost:1", "[::1]:1", "127.0.0.9:1", "unix:/run/sekisho"])
def test_loopback_needs_no_tls(address: str) -> None:
    Terminal.connect(address)


def test_an_address_and_a_language_that_exists_are_asked_for() -> None:
    with pytest.raises(ValueError, match="address"):
        Terminal.connect()
    with pytest.raises(ValueError, match="ja or en"):
        Terminal.connect("127.0.0.1:1", language="fr")  # type: ignore[arg-type]
