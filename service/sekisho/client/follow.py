"""Follows a decision, over as many connections as that takes."""

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Final

import grpc

from sekisho.client.attempts import Metadata, is_cancelled
from sekisho.client.endpoints import Endpoints
from sekisho.client.failures import (
    ANOTHER_DECISION,
    CUT_OFF,
    NO_DECISION,
    NO_TIME,
    NOT_OPEN,
    Failure,
    failure,
)
from sekisho.client.route import Route
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.risk_check_pb2 import WatchDecisionRequest

Stream = grpc.aio.UnaryStreamCall[WatchDecisionRequest, Decision]

_ENDED: Final = None


async def follow(
    endpoints: Endpoints,
    name: str,
    metadata: Metadata,
    first_seconds: float,
    seconds: float | None,
) -> AsyncGenerator[Decision | Failure, None]:
    """Yield where a decision stands, then each change, until the service says that it is final.

    The service begins each stream with the present standing, so that after a break none is lost;
    one that was seen is not yielded again. It must come within `first_seconds`. Where the whole
    takes longer than `seconds`, or cannot go on, the last one yielded is a Failure.
    """
    route = Route(endpoints, seconds)
    request = WatchDecisionRequest(name=name)
    seen: Decision | None = None
    last = NO_TIME if endpoints.open else NOT_OPEN
    while attempt := await route.next():
        stream = attempt.endpoint.stub.WatchDecision(
            request,
            timeout=None if math.isinf(route.left) else route.left,
            metadata=metadata,
            wait_for_ready=attempt.wait_for_ready,
        )
        limit: float | None = min(attempt.seconds, first_seconds)
        try:
            while isinstance(standing := await _read(stream, limit), Decision):
                limit = None
                if standing.name.lower() != name.lower():
                    standing = ANOTHER_DECISION
                    break
                if standing != seen:
                    route.answered(attempt)
                    seen = standing
                    yield standing
        finally:
            stream.cancel()
        if standing is _ENDED and seen is not None:
            return
        last = standing or NO_DECISION
        if not last.retried:
            break
        route.failed(attempt, last)
    yield last if endpoints.open else NOT_OPEN


async def _read(stream: Stream, seconds: float | None) -> Decision | Failure | None:
    """Return the next standing, or _ENDED."""
    try:
        async with asyncio.timeout(seconds):
            standing = await stream.read()
    except TimeoutError:
        return NO_TIME
    except grpc.aio.AioRpcError as error:
        return failure(error)
    except asyncio.CancelledError:
        if is_cancelled():
            raise
        return CUT_OFF
    if standing is grpc.aio.EOF:
        return _ENDED
    # grpc.aio gives None for bytes that are no message of the answer's type.
    return standing if isinstance(standing, Decision) else NO_DECISION
