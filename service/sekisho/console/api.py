"""The API, as the console calls it: with the token of the analyst before it."""

from typing import TYPE_CHECKING, Final

import grpc

from sekisho.console.options import ConsoleOptions
from sekisho.console.session import Session
from sekisho.v1.review_pb2 import Case, GetCaseRequest
from sekisho.v1.review_pb2_grpc import ReviewServiceStub

if TYPE_CHECKING:
    from sekisho.v1.review_pb2_grpc import ReviewServiceAsyncStub

_SECONDS: Final = 10.0


class Api:
    """One connection. Construct it in the event loop that it is used in.

    Its methods raise grpc.aio.AioRpcError; `language`, ja or en, is that of the texts for people.
    """

    def __init__(self, options: ConsoleOptions) -> None:
        """Connect. Raises OSError where a certificate's file cannot be read."""
        if options.server_ca is None:
            self._channel = grpc.aio.insecure_channel(options.server)
        else:
            ca, key, certificate = (
                None if file is None else file.read_bytes()
                for file in (options.server_ca, options.server_key, options.server_certificate)
            )
            self._channel = grpc.aio.secure_channel(
                options.server, grpc.ssl_channel_credentials(ca, key, certificate)
            )
        self._review: ReviewServiceAsyncStub = ReviewServiceStub(self._channel)

    async def close(self) -> None:
        """Disconnect."""
        await self._channel.close()

    async def case(self, session: Session, language: str, name: str) -> Case:
        """Return a case by its decision's name or its case number."""
        return await self._review.GetCase(
            GetCaseRequest(name=name),
            timeout=_SECONDS,
            metadata=(
                ("authorization", f"Bearer {session.token}"),
                ("accept-language", language),
            ),
        )
