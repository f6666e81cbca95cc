"""The gRPC server: what it serves, where it listens, how it stops."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.descriptor import FileDescriptor
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sekisho.application.ports.telemetry import Telemetry
from sekisho.application.use_cases import UseCases
from sekisho.rpc import addresses
from sekisho.rpc.bearer import Bearers
from sekisho.rpc.credentials import TlsFiles, server_credentials
from sekisho.rpc.endpoints import Endpoints
from sekisho.rpc.health import Health
from sekisho.rpc.identity import Identities
from sekisho.rpc.methods import LONG_SECONDS
from sekisho.rpc.once import Digest
from sekisho.rpc.services.line_event import LineEventService
from sekisho.rpc.services.review import ReviewService
from sekisho.rpc.services.risk_check import RiskCheckService
from sekisho.rpc.services.shop import ShopService
from sekisho.rpc.services.watchlist import WatchlistService
from sekisho.v1 import (
    line_event_pb2,
    review_pb2,
    risk_check_pb2,
    shop_pb2,
    watchlist_pb2,
)

MOST_MESSAGE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How the server listens, bounds its work, and stops.

    `address` is `host:port` (0 takes a free port), `[ipv6]:port` or `unix:path`. Without `tls`
    every caller has every role, so that it must be loopback; with it `trust_domain` says whose
    SPIFFE ids count. `attempts`: how often evidence may be tried.
    """

    address: str
    tls: TlsFiles | None = None
    trust_domain: str = ""
    bearers: Bearers | None = None
    """Who reads analysts' tokens; without it none counts."""
    attempts: int = 3
    most_in_flight: int = 32
    most_watching: int = 1024
    most_seconds: float = 5.0
    """The most that a call gets, and what one without a deadline gets."""
    drain_seconds: float = 0.0
    """How long to answer on after health says NOT_SERVING."""
    grace_seconds: float = 10.0
    """How long calls under way may take after that."""
    most_connection_age_seconds: float = 300.0
    """After it a client connects anew, so that calls spread over processes that share a port."""
    share_port: bool = False
    """Let several processes listen on the same port."""


class Server:
    """Serves the use cases. Construct it in the event loop that it runs in."""

    def __init__(
        self,
        use_cases: UseCases,
        telemetry: Telemetry,
        digest: Digest,
        clock: Callable[[], int],
        options: ServerOptions,
    ) -> None:
        """Take what is served. `digest` is the keyed one of request bodies; `clock` gives Unix ms.

        Raises ValueError for an address that the options do not allow.
        """
        addresses.check(options.address, tls=options.tls is not None)
        if (options.tls is None) == bool(options.trust_domain):
            raise ValueError("TLS and a trust domain go together")
        self._options = options
        self._endpoints = Endpoints(
            Identities(options.trust_domain, options.bearers),
            telemetry,
            most_in_flight=options.most_in_flight,
            most_watching=options.most_watching,
            most_seconds=options.most_seconds,
        )
        self._server = grpc.aio.server(options=_channel_options(options))
        self._names: list[str] = []
        attempts = options.attempts
        risk_check = RiskCheckService(use_cases, telemetry, digest, clock, attempts)
        self._serve(risk_check_pb2.DESCRIPTOR, risk_check)
        self._serve(line_event_pb2.DESCRIPTOR, LineEventService(use_cases, digest, clock))
        self._serve(watchlist_pb2.DESCRIPTOR, WatchlistService(use_cases, digest))
        self._serve(shop_pb2.DESCRIPTOR, ShopService(use_cases, digest))
        self._serve(review_pb2.DESCRIPTOR, ReviewService(use_cases, digest, clock, attempts))
        self._health = Health(self._names)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            [*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server
        )

    def _serve(self, file: FileDescriptor, service: object) -> None:
        descriptor = file.services_by_name[type(service).__name__]
        self._server.add_generic_rpc_handlers([self._endpoints.handler(descriptor, service)])
        self._names.append(descriptor.full_name)

    async def start(self) -> int:
        """Listen, and return the port; of a local socket, some number above 0.

        Raises RuntimeError where the address is taken, OSError and ssl.SSLError for TLS files
        that cannot be used.
        """
        options = self._options
        if options.tls is None:
            port = self._server.add_insecure_port(options.address)
        else:
            port = self._server.add_secure_port(options.address, server_credentials(options.tls))
        await self._server.start()
        return port

    async def set_serving(self, serving: bool) -> None:
        """Say in health whether STEP_UP can be answered."""
        await self._health.set(serving=serving)

    async def stop(self) -> None:
        """Say NOT_SERVING, answer on for a while, let calls under way end, stop."""
        await self._health.stop()
        await asyncio.sleep(self._options.drain_seconds)
        self._endpoints.end_watches()
        await self._server.stop(self._options.grace_seconds)


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    age = options.most_connection_age_seconds
    return [
        ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
        ("grpc.so_reuseport", int(options.share_port)),
        ("grpc.max_connection_age_ms", round(age * 1000)),
        # A watch outlives its connection's age; it is told when the process stops.
        ("grpc.max_connection_age_grace_ms", round(LONG_SECONDS * 1000)),
        # Half-open connections of terminals behind a mobile network are found out and closed.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_concurrent_streams", 1024),
        # Calls that gRPC has not handed over yet, and seconds that they wait at most. Those beyond
        # it cancels by itself, at once and for next to no CPU: a flood that even refusing could
        # not keep up with. The first bound is soft, between the two some are let wait.
        ("grpc.server.max_pending_requests", 64),
        ("grpc.server.max_pending_requests_hard_limit", 128),
        ("grpc.server_max_unrequested_time_in_server", 1),
    ]
