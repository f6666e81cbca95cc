"""Where the server listens, what it serves beside the API, and how it stops."""

import asyncio
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from sekisho.application.ports.telemetry import NoTelemetry
from sekisho.rpc.addresses import check
from sekisho.rpc.credentials import TlsFiles
from sekisho.rpc.server import Server, ServerOptions
from sekisho.v1 import risk_check_pb2
from tests.support import http2, requests
from tests.support.clock import clock
from tests.support.server import Client, Running, digest, refusal, refused, running
from tests.support.use_cases import Told

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
WATCH = risk_check_pb2.WatchDecisionRequest(name=requests.DECISION)
FILES = TlsFiles(Path("a"), Path("b"), Path("c"))


@pytest.mark.parametrize("service", ["", "sekisho.v1.RiskCheckService", "sekisho.v1.ReviewService"])
async def test_health_says_serving(api: Running, service: str) -> None:
    assert await api.client.status(service) == SERVING


async def test_reflection_tells_the_services_and_their_messages(api: Running) -> None:
    def ask() -> tuple[set[str], set[str]]:
        with grpc.insecure_channel(f"127.0.0.1:{api.port}") as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            file = database.FindFileContainingSymbol("sekisho.v1.RiskCheckService")
            return set(database.get_services()), {message.name for message in file.message_type}

    services, messages = await asyncio.to_thread(ask)
    assert services >= {
        *(f"sekisho.v1.{name}Service" for name in ("RiskCheck", "LineEvent", "Watchlist")),
        *(f"sekisho.v1.{name}Service" for name in ("Shop", "Review")),
        "grpc.health.v1.Health",
    }
    assert "AssessSimChangeRequest" in messages


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0:0", "[::]:0", "192.0.2.1:1", "example.org:1", "127.0.0.1", ":1", "127.0.0.1:65536"],
)
def test_without_tls_only_loopback_is_listened_on(address: str) -> None:
    with pytest.raises(ValueError, match=r"TLS|expected"):
        check(address, tls=False)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:0", "127.9.9.9:1", "[::1]:0", "localhost:1", "unix:/x"]
)
def test_loopback_and_local_sockets_need_no_tls(address: str) -> None:
    check(address, tls=False)


def test_with_tls_any_address_is_listened_on_but_no_local_socket() -> None:
    check("0.0.0.0:50551", tls=True)
    with pytest.raises(ValueError, match="local socket"):
        check("unix:/x", tls=True)


@pytest.mark.parametrize(
    "options",
    [
        ServerOptions(address="0.0.0.0:0"),
        ServerOptions(address="127.0.0.1:0", trust_domain="carrier.example"),
        ServerOptions(address="127.0.0.1:0", tls=FILES),
    ],
)
async def test_a_server_that_would_be_open_to_all_is_not_made(options: ServerOptions) -> None:
    with pytest.raises(ValueError, match="TLS"):
        Server(Told().use_cases(), NoTelemetry(), digest, clock, options)


async def test_a_local_socket_serves_too(tmp_path: Path) -> None:
    async with running(ServerOptions(address=f"unix:{tmp_path}/api", grace_seconds=0.1)) as api:
        answer = await api.client.risk_check.AssessSimChange(requests.assess())
    assert answer.name == requests.DECISION


async def test_a_port_that_is_taken_is_an_error(api: Running) -> None:
    options = ServerOptions(address=f"127.0.0.1:{api.port}")
    second = Server(Told().use_cases(), NoTelemetry(), digest, clock, options)
    with pytest.raises(RuntimeError, match="bind"):
        await second.start()


async def test_processes_may_share_a_port() -> None:
    shared = ServerOptions(address="127.0.0.1:0", share_port=True, grace_seconds=0.1)
    async with running(shared) as one:
        port = ServerOptions(address=f"127.0.0.1:{one.port}", share_port=True, grace_seconds=0.1)
        async with running(port) as other:
            assert other.port == one.port


async def test_a_stopping_server_says_so_before_it_stops_answering() -> None:
    options = ServerOptions(address="127.0.0.1:0", drain_seconds=0.5, grace_seconds=1)
    async with running(options) as api:
        health = await api.client.watched_health()
        stopping = asyncio.create_task(api.server.stop())
        assert (await health.read()).status == NOT_SERVING
        await api.client.risk_check.AssessSimChange(requests.assess())
        await stopping


async def test_a_call_under_way_is_answered_while_the_server_stops(api: Running) -> None:
    api.told.wait = asyncio.Event()
    call = api.client.risk_check.AssessSimChange(requests.assess())
    await api.told.called()
    health = await api.client.watched_health()
    stopping = asyncio.create_task(api.server.stop())
    assert (await health.read()).status == NOT_SERVING
    api.told.wait.set()
    assert (await call).name == requests.DECISION
    await stopping


async def test_watching_callers_are_sent_elsewhere_when_the_server_stops() -> None:
    options = ServerOptions(address="127.0.0.1:0", grace_seconds=30)
    async with running(options) as api:
        watch = api.client.risk_check.WatchDecision(WATCH)
        await watch.read()
        async with asyncio.timeout(5):
            stopping = asyncio.create_task(api.server.stop())
            answer = await refused(watch.read())
            await stopping
    assert answer.code is grpc.StatusCode.UNAVAILABLE
    assert answer.reason == "DRAINING"
    assert answer.retry_seconds is not None


async def test_who_watches_its_health_does_not_hold_a_server_up() -> None:
    options = ServerOptions(address="127.0.0.1:0", grace_seconds=30)
    async with running(options) as api:
        watch = await api.client.watched_health()
        async with asyncio.timeout(5):
            await api.server.stop()
        assert (await watch.read()).status == NOT_SERVING
        assert await watch.read() is grpc.aio.EOF


async def test_health_follows_whether_step_up_can_be_answered(api: Running) -> None:
    await api.server.set_serving(False)
    assert await api.client.status() == NOT_SERVING
    watch = api.client.health.Watch(health_pb2.HealthCheckRequest())
    assert (await watch.read()).status == NOT_SERVING
    await api.server.set_serving(True)
    assert (await watch.read()).status == SERVING
    watch.cancel()


async def test_a_service_that_there_is_not_has_no_health(api: Running) -> None:
    answer = await refused(api.client.status("sekisho.v1.Deny"))
    assert answer.code is grpc.StatusCode.NOT_FOUND
    request = health_pb2.HealthCheckRequest(service="sekisho.v1.Deny")
    watch = api.client.health.Watch(request)
    unknown = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    assert (await watch.read()).status == unknown
    watch.cancel()


async def outcome(client: Client) -> str:
    watch = client.risk_check.WatchDecision(WATCH)
    try:
        await watch.read()
    except grpc.aio.AioRpcError as error:
        return refusal(error).reason
    watch.cancel()
    return "answered"


async def test_a_caller_that_stops_watching_is_forgotten() -> None:
    options = ServerOptions(address="127.0.0.1:0", most_watching=1, grace_seconds=0.1)
    async with running(options) as api:
        watch = api.client.risk_check.WatchDecision(WATCH)
        await watch.read()
        answer = await refused(api.client.risk_check.WatchDecision(WATCH).read())
        assert answer.reason == "OVERLOADED"
        watch.cancel()
        async with asyncio.timeout(5):
            while (await outcome(api.client)) == "OVERLOADED":
                pass


async def test_a_path_that_is_not_utf_8_silences_nobody(api: Running) -> None:
    async with http2.greeted(api.port) as wire:
        await wire.send(http2.call_at("/sekisho.v1.RiskCheckService/\xff"))
        async with asyncio.timeout(10):
            await wire.ended()
    await api.client.risk_check.AssessSimChange(requests.assess(), timeout=10)
