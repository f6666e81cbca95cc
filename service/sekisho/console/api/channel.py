"""The one connection to the API."""

import grpc

from sekisho.console.api.caller import Caller
from sekisho.console.options import ConsoleOptions
from sekisho.console.session import Session
from sekisho.v1 import review_pb2_grpc, risk_check_pb2_grpc, shop_pb2_grpc, watchlist_pb2_grpc

_OPTIONS = [
    # A page of a thousand cases, or a case of all its facts, stays far below.
    ("grpc.max_receive_message_length", 32 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 60_000),
    # Whoever restarts the service waits for its console no longer than this.
    ("grpc.max_reconnect_backoff_ms", 2_000),
]


class Api:
    """A channel that all analysts share; who calls is said call by call.

    Construct it in the event loop that it is used in.
    """

    def __init__(self, options: ConsoleOptions) -> None:
        """Open it. A server that does not answer is told with each call. Raises OSError where a
        file of the connection cannot be read."""
        if options.server_ca is None:
            self._channel = grpc.aio.insecure_channel(options.server, _OPTIONS)
        else:
            ca, key, certificate = (
                None if file is None else file.read_bytes()
                for file in (options.server_ca, options.server_key, options.server_certificate)
            )
            credentials = grpc.ssl_channel_credentials(ca, key, certificate)
            self._channel = grpc.aio.secure_channel(options.server, credentials, _OPTIONS)
        self.review = review_pb2_grpc.ReviewServiceStub(self._channel)
        self.watchlist = watchlist_pb2_grpc.WatchlistServiceStub(self._channel)
        self.shop = shop_pb2_grpc.ShopServiceStub(self._channel)
        self.risk_check = risk_check_pb2_grpc.RiskCheckServiceStub(self._channel)

    def of(self, session: Session, language: str) -> Caller:
        """Return the API as this analyst calls it, with texts in `language`."""
        return Caller(self, session.token, language)

    async def close(self) -> None:
        """Close it; calls under way end."""
        await self._channel.close()
