"""Calls in an analyst's name."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import grpc

from sekisho.console.api.refused import refused

if TYPE_CHECKING:
    from sekisho.console.api.channel import Api

R = TypeVar("R")

SECONDS: Final = 10.0
"""The most that a page waits for one answer."""


class Caller:
    """The API, with an analyst's token on each call."""

    def __init__(self, api: "Api", token: str, language: str) -> None:
        """Take the channel, the token, and the language of texts."""
        self.review = api.review
        self.watchlist = api.watchlist
        self.shop = api.shop
        self.risk_check = api.risk_check
        self._metadata = (("authorization", f"Bearer {token}"), ("accept-language", language))

    async def ask(
        self, method: Callable[..., Any], request: object, answer: type[R], seconds: float = SECONDS
    ) -> R:
        """Return what a method answers, which is an `answer`. Raises Refused."""
        try:
            found = await method(request, metadata=self._metadata, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            raise refused(error) from None
        if not isinstance(found, answer):
            raise TypeError(f"expected {answer.__name__}")
        return found

    @asynccontextmanager
    async def stream(
        self, method: Callable[..., Any], request: object, answer: type[R], seconds: float
    ) -> AsyncIterator[AsyncIterator[R]]:
        """Yield what a method streams, and end it at the end. Reading raises Refused."""
        call = method(request, metadata=self._metadata, timeout=seconds)
        try:
            yield _read(call, answer)
        finally:
            call.cancel()


async def _read(call: Any, answer: type[R]) -> AsyncIterator[R]:
    try:
        async for each in call:
            if not isinstance(each, answer):
                raise TypeError(f"expected {answer.__name__}")
            yield each
    except grpc.aio.AioRpcError as error:
        raise refused(error) from None
