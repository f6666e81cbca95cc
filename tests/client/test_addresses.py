"""Which address is asked, and what becomes of a connection that died without a word."""

import asyncio
import time

import grpc
import pytest

from sekisho.client import Decided, Terminal, endpoints
from sekisho.rpc.server import ServerOptions
from tests.client.network import network
from tests.client.peer import Act, Peer, allows, fails, peer, stalls
from tests.support import requests
from tests.support.server import running

CHANGE = requests.sim_change()


async def test_the_first_address_is_asked_while_it_answers(service: Peer, second: Peer) -> None:
    async with Terminal.connect(service.address, second.address) as asking:
        for _ in range(3):
            assert (await asking.assess(CHANGE)).allowed
    assert (len(service.calls), len(second.calls)) == (3, 0)


async def test_the_second_address_answers_at_once_where_nobody_listens_at_the_first(
    second: Peer, unused_tcp_port: int
) -> None:
    begun = time.monotonic()
    async with Terminal.connect(f"127.0.0.1:{unused_tcp_port}", second.address, timeout=30) as it:
        assert (await it.assess(CHANGE)).allowed
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("act", [fails(grpc.StatusCode.UNAVAILABLE), stalls])
async def test_the_second_address_is_asked_with_the_same_request(
    service: Peer, second: Peer, act: Act
) -> None:
    service.does(act)
    async with Terminal.connect(service.address, second.address, timeout=4) as asking:
        assert (await asking.assess(CHANGE)).allowed
    assert service.bodies == second.bodies


async def test_a_first_address_that_accepts_and_never_answers_uses_up_half_the_time(
    second: Peer,
) -> None:
    begun = time.monotonic()
    async with (
        network(None) as silent,
        Terminal.connect(silent.address, second.address, timeout=4) as asking,
    ):
        assert (await asking.assess(CHANGE)).allowed
        assert silent.connections
        waited = time.monotonic() - begun
        assert 1.8 < waited < 4
        # Whoever answered is asked first for a while.
        assert (await asking.assess(CHANGE)).allowed
        assert time.monotonic() - begun - waited < 1.5
    assert len(second.calls) == 2


async def test_after_a_while_the_first_address_is_asked_first_again(
    service: Peer, second: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "RETURN_SECONDS", 0.0)
    service.does(fails(grpc.StatusCode.UNAVAILABLE), allows)
    async with Terminal.connect(service.address, second.address) as asking:
        for _ in range(2):
            assert (await asking.assess(CHANGE)).allowed
    assert (len(service.calls), len(second.calls)) == (2, 1)


async def test_where_no_address_answers_each_is_asked_until_the_time_is_over(
    service: Peer, second: Peer
) -> None:
    for each in (service, second):
        each.does(fails(grpc.StatusCode.UNAVAILABLE))
    async with Terminal.connect(service.address, second.address, timeout=1) as asking:
        assert (await asking.assess(CHANGE)).step_up
    assert len(service.calls) > 1
    assert len(second.calls) > 1
    # Pauses that grow: not as often as the network carries.
    assert len(service.calls) + len(second.calls) < 20


async def test_a_connection_that_died_without_a_word_costs_one_call(service: Peer) -> None:
    async with (
        network(service.address) as way,
        Terminal.connect(way.address, timeout=1) as asking,
    ):
        assert (await asking.assess(CHANGE)).allowed
        way.freeze()
        assert (await asking.assess(CHANGE)).step_up
        assert (await asking.assess(CHANGE)).allowed
        assert way.connections == 2


async def test_a_slow_call_costs_no_connection_that_carries_others(service: Peer) -> None:
    async with (
        network(service.address) as way,
        Terminal.connect(way.address, timeout=1) as asking,
    ):
        service.does(stalls, allows)
        slow = asyncio.create_task(asking.assess(CHANGE))
        await service.called()
        assert (await asking.assess(CHANGE)).allowed
        assert (await slow).step_up
        assert (await asking.assess(CHANGE)).allowed
        assert way.connections == 1


async def test_a_connection_that_is_cut_under_a_call_is_replaced(service: Peer) -> None:
    async with (
        network(service.address) as way,
        Terminal.connect(way.address, timeout=10) as asking,
    ):
        service.does(stalls, allows)
        call = asyncio.create_task(asking.assess(CHANGE))
        await service.called()
        way.cut()
        answer = await call
        assert answer.allowed
        assert way.connections == 2
    assert len(set(service.bodies)) == 1


async def test_a_connection_that_ends_by_its_age_costs_no_call() -> None:
    options = ServerOptions(
        address="127.0.0.1:0", most_connection_age_seconds=0.2, grace_seconds=0.1
    )
    async with (
        running(options) as api,
        network(f"127.0.0.1:{api.port}") as way,
        Terminal.connect(way.address, shop="ginza", terminal="t1", timeout=10) as asking,
    ):
        watched = asking.watch(requests.DECISION)
        assert (await anext(watched)).answered
        while way.connections < 5:
            answers = await asyncio.gather(*(asking.assess(CHANGE) for _ in range(8)))
            assert all(answer.answered for answer in answers)
        await watched.aclose()
    assert api.told.names.count("get") == 1


async def test_a_call_waits_for_a_service_that_is_about_to_start(unused_tcp_port: int) -> None:
    address = f"127.0.0.1:{unused_tcp_port}"
    async with Terminal.connect(address, timeout=20) as asking:
        call = asyncio.create_task(asking.assess(CHANGE))
        await asyncio.sleep(0.5)
        async with peer(address):
            answer = await call
    assert isinstance(answer, Decided)
