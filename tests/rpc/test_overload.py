"""More calls than can be served: who is refused, when, and how."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc

from sekisho.rpc.server import ServerOptions
from sekisho.v1 import risk_check_pb2
from tests.support import certificates, http2, requests
from tests.support.certificates import TRUST_DOMAIN, Authority
from tests.support.server import Client, Refused, Running, refused, running

ASSESS = "RiskCheckService.AssessSimChange"
BODY = requests.assess().SerializeToString()
NO_NAMES = risk_check_pb2.AssessSimChangeRequest()
NO_NAMES.CopyFrom(requests.assess())
NO_NAMES.shop = NO_NAMES.terminal = ""


def options(**given: float) -> ServerOptions:
    return ServerOptions(address="127.0.0.1:0", grace_seconds=0.1, **given)  # type: ignore[arg-type]


def at(shop: str) -> risk_check_pb2.AssessSimChangeRequest:
    """The ordinary request of a shop, which only those may name who are no terminal."""
    request = requests.assess()
    request.shop = shop
    return request


@asynccontextmanager
async def held(
    api: Running, client: Client, *many: risk_check_pb2.AssessSimChangeRequest
) -> AsyncIterator[None]:
    """Hold these calls in work, and let them end afterwards."""
    before = len(api.told.calls)
    api.told.wait = api.told.wait or asyncio.Event()
    calls = [asyncio.ensure_future(_assess(client, request, timeout=60)) for request in many]
    async with asyncio.timeout(20):
        await api.told.called(before + len(many))
    try:
        yield
    finally:
        api.told.wait.set()
        await asyncio.gather(*calls)


async def _assess(
    client: Client, request: risk_check_pb2.AssessSimChangeRequest, timeout: float = 10
) -> None:
    await client.risk_check.AssessSimChange(request, timeout=timeout)


async def test_more_calls_than_there_are_places_are_refused_at_once() -> None:
    async with running(options(most_in_flight=8)) as api:
        async with held(api, api.client, *[requests.assess()] * 8):
            answer = await refused(_assess(api.client, requests.assess()))
            assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert answer.reason == "OVERLOADED"
        await _assess(api.client, requests.assess())


async def test_those_who_were_refused_are_not_all_told_to_come_back_together() -> None:
    async with (
        running(options(most_in_flight=1)) as api,
        held(api, api.client, requests.assess()),
    ):
        answers: list[Refused] = await asyncio.gather(
            *(refused(_assess(api.client, requests.assess())) for _ in range(20))
        )
    waits = {answer.retry_seconds for answer in answers}
    assert len(waits) > 10
    assert all(wait is not None and 0.5 <= wait <= 2.5 for wait in waits)


async def test_a_call_that_finds_no_place_is_refused_before_its_message_is_there() -> None:
    async with (
        running(options(most_in_flight=1)) as api,
        held(api, api.client, requests.assess()),
        http2.greeted(api.port) as wire,
    ):
        await wire.send(http2.call(ASSESS))
        async with asyncio.timeout(10):
            assert b"grpc-status\x018" in await wire.ended()


async def test_a_caller_who_never_sends_the_message_holds_no_place() -> None:
    async with (
        running(options(most_in_flight=1, most_seconds=60)) as api,
        http2.greeted(api.port) as wire,
    ):
        await wire.send(http2.call(ASSESS), http2.frame(http2.PING, payload=b"x" * 8))
        async for frame in wire.frames():
            if frame.kind == http2.PING:
                break
        await _assess(api.client, requests.assess())


async def test_a_message_is_waited_for_as_long_as_a_call_may_take() -> None:
    async with (
        running(options(most_seconds=0.1)) as api,
        http2.greeted(api.port) as wire,
    ):
        await wire.send(http2.call(ASSESS))
        async with asyncio.timeout(10):
            assert b"grpc-status\x014" in await wire.ended()
    assert not api.told.calls


async def test_a_call_that_ends_without_its_message_is_malformed() -> None:
    async with running() as api, http2.greeted(api.port) as wire:
        await wire.send(http2.call(ASSESS), http2.frame(http2.DATA, http2.END_STREAM, 1))
        async with asyncio.timeout(10):
            assert b"grpc-status\x013" in await wire.ended()
    assert not api.told.calls


async def test_a_call_whose_time_is_over_when_it_comes_is_not_worked_on() -> None:
    async with running() as api, http2.greeted(api.port) as wire:
        await wire.send(http2.call(ASSESS, ("grpc-timeout", "1n")), http2.message(BODY))
        # gRPC counts in milliseconds, and a fast machine answers within one: the loop that would
        # answer is held until it is over.
        time.sleep(0.02)  # noqa: ASYNC251
        async with asyncio.timeout(10):
            assert b"grpc-status\x014" in await wire.ended()
        assert not api.told.calls


async def test_a_call_that_is_cancelled_gives_its_place_back() -> None:
    async with running(options(most_in_flight=1)) as api:
        api.told.wait = asyncio.Event()
        call = api.client.risk_check.AssessSimChange(requests.assess())
        await api.told.called()
        call.cancel()
        api.told.wait = None
        async with asyncio.timeout(10):
            while True:
                with suppress(grpc.aio.AioRpcError):
                    await _assess(api.client, requests.assess())
                    break


async def test_health_is_told_however_many_calls_are_in_work() -> None:
    async with (
        running(options(most_in_flight=1)) as api,
        held(api, api.client, requests.assess()),
    ):
        assert await api.client.status() == 1


async def test_a_watch_that_never_says_what_it_watches_is_ended() -> None:
    async with (
        running(options(most_seconds=0.1, most_watching=1)) as api,
        http2.greeted(api.port) as wire,
    ):
        await wire.send(http2.call("RiskCheckService.WatchDecision"))
        async with asyncio.timeout(10):
            assert b"grpc-status\x014" in await wire.ended()


@asynccontextmanager
async def fair(folder: Path, *identities: str) -> AsyncIterator[tuple[Running, list[Client]]]:
    """Run a server of sixteen places with certificates, and a client for each identity."""
    authority = Authority()
    files = certificates.write(folder, authority.server(), authority.certificate)
    async with running(
        ServerOptions(
            address="localhost:0",
            tls=files,
            trust_domain=TRUST_DOMAIN,
            most_in_flight=16,
            grace_seconds=0.1,
        )
    ) as api:
        channels = [
            certificates.channel(
                api.port, authority.certificate, authority.client(f"spiffe://{TRUST_DOMAIN}{path}")
            )
            for path in identities
        ]
        yield api, [Client(channel) for channel in channels]
        for channel in channels:
            await channel.close()


async def test_one_terminal_gone_wild_leaves_its_neighbour_a_place(tmp_path: Path) -> None:
    terminals = ("/shop/ginza/terminal/t1", "/shop/ginza/terminal/t2")
    async with (
        fair(tmp_path, *terminals) as (api, (wild, neighbour)),
        held(api, wild, NO_NAMES, NO_NAMES),
    ):
        answer = await refused(_assess(wild, NO_NAMES))
        assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert answer.message == "this caller has too many calls in flight"
        async with held(api, neighbour, NO_NAMES):
            pass


async def test_one_shop_gone_wild_with_all_its_terminals_leaves_another_shop_places(
    tmp_path: Path,
) -> None:
    terminals = [f"/shop/ginza/terminal/t{n}" for n in range(3)]
    async with (
        fair(tmp_path, *terminals, "/shop/ueno/terminal/t1") as (api, clients),
        held(api, clients[0], NO_NAMES, NO_NAMES),
        held(api, clients[1], NO_NAMES, NO_NAMES),
    ):
        assert (await refused(_assess(clients[2], NO_NAMES))).reason == "OVERLOADED"
        async with held(api, clients[3], NO_NAMES, NO_NAMES):
            pass


async def test_one_terminal_behind_a_gateway_leaves_the_gateways_others_places(
    tmp_path: Path,
) -> None:
    async with (
        fair(tmp_path, "/gateway/bss-1") as (api, (gateway,)),
        held(api, gateway, at("ginza"), at("ginza")),
    ):
        assert (await refused(_assess(gateway, at("ginza")))).reason == "OVERLOADED"
        async with held(api, gateway, at("ueno"), at("ueno")):
            pass


async def test_no_single_gateway_takes_every_place(tmp_path: Path) -> None:
    async with (
        fair(tmp_path, "/gateway/bss-1", "/shop/ginza/terminal/t1") as (api, clients),
        held(api, clients[0], *(at(f"shop-{number}") for number in range(8))),
    ):
        assert (await refused(_assess(clients[0], at("one-more")))).reason == "OVERLOADED"
        async with held(api, clients[1], NO_NAMES):
            pass
