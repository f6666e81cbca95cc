"""The addresses of the service, and the connection to each."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import grpc

from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceStub

if TYPE_CHECKING:
    from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceAsyncStub

RETURN_SECONDS: Final = 60.0
"""How long a later address is asked first, once it answered where an earlier one did not."""

_OPTIONS: Final = (
    # A connection of its own: a shared one could not be given up.
    ("grpc.use_local_subchannel_pool", 1),
    # A server that restarts is found again soon, and one that is away not asked all the time.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 3_000),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    # A watch has long silences: without pings a connection that is gone looks like one.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class Endpoint:
    """One address. Construct it in the event loop that it is used in."""

    def __init__(self, address: str, credentials: grpc.ChannelCredentials | None) -> None:
        self._address = address
        self._credentials = credentials
        self._closing: set[asyncio.Task[None]] = set()
        self.heard_at = 0.0
        """When the service last answered here, by the monotonic clock."""
        self._connect()

    def _connect(self) -> None:
        self._channel = (
            grpc.aio.insecure_channel(self._address, _OPTIONS)
            if self._credentials is None
            else grpc.aio.secure_channel(self._address, self._credentials, _OPTIONS)
        )
        self.stub: RiskCheckServiceAsyncStub = RiskCheckServiceStub(self._channel)

    def renew(self) -> None:
        """Connect anew: the connection may be gone without a word. What is under way is cut off."""
        self._close()
        self._connect()

    async def close(self) -> None:
        """Cut off what is under way."""
        self._close()
        await asyncio.gather(*self._closing)

    def _close(self) -> None:
        task = asyncio.create_task(self._channel.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Endpoints:
    """All addresses, in the order in which they are asked."""

    def __init__(
        self, addresses: Sequence[str], credentials: grpc.ChannelCredentials | None
    ) -> None:
        self._all = [Endpoint(address, credentials) for address in addresses]
        self._first = self._all[0]
        self._until = 0.0
        self.open = True

    def in_order(self) -> list[Endpoint]:
        """Return the one that answered last, then the others; after a while as they were given."""
        if time.monotonic() >= self._until:
            return list(self._all)
        return sorted(self._all, key=lambda endpoint: endpoint is not self._first)

    def answered(self, endpoint: Endpoint) -> None:
        """Note who answered. An earlier one that did not is spared for a while."""
        endpoint.heard_at = time.monotonic()
        if endpoint is not self.in_order()[0]:
            self._first = endpoint
            self._until = time.monotonic() + RETURN_SECONDS

    async def close(self) -> None:
        """Cut off what is under way, and begin nothing any more."""
        self.open = False
        await asyncio.gather(*(endpoint.close() for endpoint in self._all))
