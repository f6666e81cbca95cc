"""A decision is followed over as many connections as that takes."""

import asyncio
import time
from contextlib import aclosing

import grpc
import pytest

from sekisho.client import Answer, Decided, Terminal, Unanswered, Why
from sekisho.domain import errors
from sekisho.v1.decision_pb2 import Decision, Verdict
from sekisho.v1.risk_check_pb2 import WatchDecisionRequest
from tests.client.network import network
from tests.client.peer import Act, Peer, decision, ends, fails, open_step_up, refuses, sends, stalls
from tests.support import requests

NAME = requests.DECISION
WAIT = open_step_up("Wait.")
CALL = open_step_up("Call.")
DONE = decision()
LOST = decision(Verdict.VERDICT_STEP_UP, Decision.STATE_STEP_UP_FAILED, "Not today.")


async def followed(*addresses: str, timeout: float | None = None) -> list[Answer]:
    async with Terminal.connect(*addresses, timeout=2) as asking:
        return [answer async for answer in asking.watch(NAME, timeout=timeout)]


def texts(answers: list[Answer]) -> list[str]:
    return [answer.instruction for answer in answers]


async def test_a_watch_tells_each_standing_and_ends_when_it_is_final(service: Peer) -> None:
    service.does(sends(WAIT, CALL, LOST, then=ends))
    answers = await followed(service.address)
    assert texts(answers) == ["Wait.", "Call.", "Not today."]
    assert not any(answer.allowed for answer in answers)
    (call,) = service.calls
    assert WatchDecisionRequest.FromString(call.body).name == NAME
    assert call.seconds is None


@pytest.mark.parametrize(
    "broken",
    [
        fails(grpc.StatusCode.UNAVAILABLE),
        fails(grpc.StatusCode.CANCELLED),
        refuses(errors.OverloadedError("too many")),
        refuses(errors.LedgerUnavailableError("away", 0.05)),
    ],
)
async def test_a_watch_goes_on_after_a_break_and_repeats_nothing(
    service: Peer, broken: Act
) -> None:
    service.does(
        sends(WAIT, then=broken),
        broken,
        sends(WAIT, CALL, then=broken),
        sends(DONE, then=ends),
    )
    answers = await followed(service.address)
    assert texts(answers) == ["Wait.", "Call.", "Go on."]
    assert answers[-1].allowed
    assert len(service.calls) == 4


async def test_a_watch_goes_on_at_the_second_address(service: Peer, second: Peer) -> None:
    service.does(sends(WAIT, then=fails(grpc.StatusCode.UNAVAILABLE)))
    second.does(sends(WAIT, LOST, then=ends))
    assert texts(await followed(service.address, second.address)) == ["Wait.", "Not today."]


async def test_a_watch_goes_on_where_its_connection_is_cut(service: Peer) -> None:
    service.does(sends(WAIT, then=stalls), sends(WAIT, LOST, then=ends))
    async with network(service.address) as way:
        async with Terminal.connect(way.address) as asking:
            answers: list[Answer] = []
            async for answer in asking.watch(NAME):
                if not answers:
                    way.cut()
                answers.append(answer)
        assert way.connections == 2
    assert texts(answers) == ["Wait.", "Not today."]


async def test_a_watch_turns_from_an_address_that_never_answers(second: Peer) -> None:
    second.does(sends(LOST, then=ends))
    async with network(None) as silent:
        assert texts(await followed(silent.address, second.address)) == ["Not today."]


async def test_a_watch_gives_up_at_its_deadline(service: Peer) -> None:
    service.does(sends(WAIT, then=stalls))
    begun = time.monotonic()
    first, last = await followed(service.address, timeout=1)
    assert 0.9 < time.monotonic() - begun < 5
    assert first.instruction == "Wait."
    assert isinstance(last, Unanswered)
    assert last.why is Why.NO_ANSWER


async def test_a_watch_of_a_service_that_is_away_gives_up_at_its_deadline(
    unused_tcp_port: int,
) -> None:
    (last,) = await followed(f"127.0.0.1:{unused_tcp_port}", timeout=0.5)
    assert last.step_up
    assert not last.answered


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (refuses(errors.NotFoundError("no such decision")), Why.REFUSED),
        (sends(Decision(), then=stalls), Why.FAILED),
        (ends, Why.FAILED),
    ],
)
async def test_a_watch_that_cannot_go_on_says_so_last(service: Peer, act: Act, why: Why) -> None:
    service.does(act)
    (last,) = await followed(service.address)
    assert isinstance(last, Unanswered)
    assert last.why is why
    assert len(service.calls) == 1


async def test_a_watch_that_nobody_reads_any_more_is_ended(service: Peer) -> None:
    ended = asyncio.Event()

    async def stays(_call: object, _context: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    service.does(sends(WAIT, then=stays))
    async with Terminal.connect(service.address) as asking:
        async with aclosing(asking.watch(NAME)) as standings:
            assert isinstance(await anext(standings), Decided)
        async with asyncio.timeout(10):
            await ended.wait()


async def test_a_cancelled_watch_is_cancelled(service: Peer) -> None:
    service.does(sends(WAIT, then=stalls))
    task = asyncio.create_task(followed(service.address))
    await service.called()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_terminal_that_closes_ends_its_watches(service: Peer) -> None:
    service.does(sends(WAIT, then=stalls))
    async with Terminal.connect(service.address) as asking:
        standings = asking.watch(NAME)
        assert (await anext(standings)).answered
        later = asyncio.ensure_future(anext(standings))
    answer = await later
    assert isinstance(answer, Unanswered)
    assert answer.message == "this terminal is not open"
