"""A running server of the API, and clients of it."""

import hmac
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from sekisho.application.ports.telemetry import NoTelemetry, Telemetry
from sekisho.rpc.errors import DETAILS_KEY
from sekisho.rpc.server import Server, ServerOptions
from sekisho.v1 import (
    line_event_pb2_grpc,
    review_pb2_grpc,
    risk_check_pb2_grpc,
    shop_pb2_grpc,
    watchlist_pb2_grpc,
)
from tests.support.clock import clock
from tests.support.use_cases import Told

M = TypeVar("M", bound=Message)


def digest(body: bytes) -> bytes:
    """The keyed digest of a body, under the tests' key."""
    return hmac.digest(b"k" * 32, body, "sha256")


class Client:
    """Stubs of every service over one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.risk_check: risk_check_pb2_grpc.RiskCheckServiceAsyncStub = (
            risk_check_pb2_grpc.RiskCheckServiceStub(channel)
        )
        self.line_event: line_event_pb2_grpc.LineEventServiceAsyncStub = (
            line_event_pb2_grpc.LineEventServiceStub(channel)
        )
        self.watchlist: watchlist_pb2_grpc.WatchlistServiceAsyncStub = (
            watchlist_pb2_grpc.WatchlistServiceStub(channel)
        )
        self.shop: shop_pb2_grpc.ShopServiceAsyncStub = shop_pb2_grpc.ShopServiceStub(channel)
        self.health: Any = health_pb2_grpc.HealthStub(channel)
        self.review: review_pb2_grpc.ReviewServiceAsyncStub = review_pb2_grpc.ReviewServiceStub(
            channel
        )

    async def status(self, service: str = "") -> int:
        """Return what health says of a service."""
        request = health_pb2.HealthCheckRequest(service=service)
        answer: health_pb2.HealthCheckResponse = await self.health.Check(request)
        return answer.status

    async def watched_health(self) -> Any:
        """Return a watch of the server's health, whose first answer has been read."""
        watch = self.health.Watch(health_pb2.HealthCheckRequest())
        await watch.read()
        return watch

    async def send(self, method: str, body: bytes, timeout: float = 10) -> bytes:
        """Send raw bytes to a method, `Service.Method`."""
        service, _, name = method.partition(".")
        call: Callable[..., Any] = self.channel.unary_unary(f"/sekisho.v1.{service}/{name}")
        answer: bytes = await call(body, timeout=timeout)
        return answer


@dataclass
class Running:
    """A server, where it listens, and what its use cases answer."""

    server: Server
    port: int
    told: Told
    client: Client


@asynccontextmanager
async def running(
    options: ServerOptions | None = None, telemetry: Telemetry | None = None
) -> AsyncIterator[Running]:
    """Run a server without TLS on a free port, with a client."""
    options = options or ServerOptions(address="127.0.0.1:0", grace_seconds=0.1)
    told = Told()
    server = Server(told.use_cases(), telemetry or NoTelemetry(), digest, clock, options)
    port = await server.start()
    target = options.address if options.address.startswith("unix:") else f"127.0.0.1:{port}"
    async with grpc.aio.insecure_channel(target) as channel:
        try:
            yield Running(server, port, told, Client(channel))
        finally:
            await server.stop()


@dataclass(frozen=True)
class Refused:
    """How a call was refused."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    violations: dict[str, str]
    retry_seconds: float | None
    details_bytes: int


async def refused(call: Any) -> Refused:
    """Await a call that must fail, and return how."""
    try:
        answer = await call
    except grpc.aio.AioRpcError as error:
        return refusal(error)
    raise AssertionError(f"answered: {answer}")


def refusal(error: grpc.aio.AioRpcError) -> Refused:
    """Return what an error tells."""
    raw = dict(error.trailing_metadata() or ()).get(DETAILS_KEY, b"")
    assert isinstance(raw, bytes)
    status = status_pb2.Status.FromString(raw)
    info = _one(status, error_details_pb2.ErrorInfo())
    bad = _one(status, error_details_pb2.BadRequest())
    retry = _one(status, error_details_pb2.RetryInfo())
    if raw:
        assert status.code == error.code().value[0]
        assert status.message == error.details()
        assert info is not None
        assert info.domain == "sekisho"
    return Refused(
        code=error.code(),
        message=error.details() or "",
        reason=info.reason if info else "",
        metadata=dict(info.metadata) if info else {},
        violations={v.field: v.description for v in bad.field_violations} if bad else {},
        retry_seconds=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        details_bytes=len(raw),
    )


def _one(status: status_pb2.Status, message: M) -> M | None:
    for detail in status.details:
        if detail.Unpack(message):
            return message
    return None


async def stream_of(messages: Sequence[M]) -> AsyncIterator[M]:
    """Yield messages as a client's stream."""
    for message in messages:
        yield message
