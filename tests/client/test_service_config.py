"""The published service config, given to a bare stub."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from sekisho.rpc.methods import LONG_SECONDS, METHODS
from sekisho.rpc.server import ServerOptions
from sekisho.v1.risk_check_pb2 import WatchDecisionRequest
from tests.client.peer import Peer, allows, ends, fails, peer, sends, stalls
from tests.client.peer import decision as standing
from tests.support import requests
from tests.support.server import Client

TEXT = (Path(__file__).parents[2] / "proto/service_config.json").read_text()
WATCH = WatchDecisionRequest(name=requests.DECISION)
PASSING = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED]


@asynccontextmanager
async def configured(address: str, text: str = TEXT) -> AsyncIterator[Client]:
    options = [("grpc.service_config", text), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(address, options) as channel:
        yield Client(channel)


def config_of(method: str) -> dict[str, Any]:
    """Return what holds for a method by its full name: its own, or else its service's."""
    service, _, name = method.rpartition(".")
    found: dict[str, dict[str, Any]] = {}
    for config in json.loads(TEXT)["methodConfig"]:
        for each in config["name"]:
            if each["service"] == service and each.get("method", name) == name:
                key = each.get("method", "")
                assert key not in found
                found[key] = config
    return found.get(name) or found[""]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_retried_in_a_time_that_fits_it(method: str) -> None:
    config = config_of(method)
    long = METHODS[method].long or method.endswith((".WatchDecision", ".WatchCases"))
    # A short call may need the time that a service takes, and once more that of a retry.
    seconds = LONG_SECONDS if long else 2 * ServerOptions(address="").most_seconds
    assert config["timeout"] == f"{seconds:g}s"
    assert config["waitForReady"] is True
    assert config["retryPolicy"]["retryableStatusCodes"] == [code.name for code in PASSING]


@pytest.mark.parametrize("code", PASSING)
async def test_what_may_pass_is_asked_again_with_the_same_request(
    service: Peer, code: grpc.StatusCode
) -> None:
    service.does(*[fails(code)] * 4, allows)
    async with configured(service.address) as client:
        answer = await client.risk_check.AssessSimChange(requests.assess())
    assert answer.name == requests.DECISION
    assert service.bodies == [requests.assess().SerializeToString()] * 5


async def test_without_it_a_bare_stub_gives_up(service: Peer) -> None:
    service.does(fails(grpc.StatusCode.UNAVAILABLE), allows)
    async with configured(service.address, "{}") as client:
        with pytest.raises(grpc.aio.AioRpcError):
            await client.risk_check.AssessSimChange(requests.assess())
    assert len(service.calls) == 1


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ],
)
async def test_what_does_not_pass_is_asked_once(service: Peer, code: grpc.StatusCode) -> None:
    service.does(fails(code), allows)
    async with configured(service.address) as client:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await client.risk_check.AssessSimChange(requests.assess())
    assert raised.value.code() is code
    assert len(service.calls) == 1


async def test_a_watch_is_opened_again_until_its_first_answer(service: Peer) -> None:
    service.does(fails(grpc.StatusCode.UNAVAILABLE), sends(standing(), then=ends))
    async with configured(service.address) as client:
        stream = client.risk_check.WatchDecision(WATCH)
        assert [each.name async for each in stream] == [requests.DECISION]
    assert len(service.calls) == 2


async def test_a_call_without_a_deadline_is_given_up_in_the_time_of_its_method(
    service: Peer,
) -> None:
    service.does(stalls)
    async with configured(service.address) as client, asyncio.timeout(20):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await client.risk_check.AssessSimChange(requests.assess())
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_a_callers_own_deadline_reaches_the_service(service: Peer) -> None:
    service.does(fails(grpc.StatusCode.UNAVAILABLE), allows)
    async with configured(service.address) as client:
        await client.risk_check.AssessSimChange(requests.assess(), timeout=2)
    assert all(1 < (call.seconds or 0) <= 2 for call in service.calls)


async def test_a_service_that_goes_on_failing_is_asked_five_times(service: Peer) -> None:
    service.does(fails(grpc.StatusCode.UNAVAILABLE))
    async with configured(service.address) as client:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await client.risk_check.AssessSimChange(requests.assess(), timeout=20)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(service.calls) == 5


async def test_a_call_waits_for_a_service_that_is_about_to_start(unused_tcp_port: int) -> None:
    address = f"127.0.0.1:{unused_tcp_port}"
    async with configured(address) as client:
        call = client.risk_check.AssessSimChange(requests.assess(), timeout=20)
        await asyncio.sleep(0.5)
        async with peer(address):
            assert (await call).name == requests.DECISION
