"""One call with one answer, attempted until there is one or the time is over."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import grpc
from google.protobuf.message import Message

from sekisho.client.endpoints import Endpoints
from sekisho.client.failures import (
    CUT_OFF,
    NO_DECISION,
    NO_TIME,
    NOT_OPEN,
    Failure,
    failure,
)
from sekisho.client.route import Attempt, Route
from sekisho.v1.decision_pb2 import Decision

if TYPE_CHECKING:
    from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceAsyncStub

R = TypeVar("R", bound=Message)
Method = Callable[["RiskCheckServiceAsyncStub"], grpc.aio.UnaryUnaryMultiCallable[R, Decision]]
Metadata = tuple[tuple[str, str], ...]


async def ask(
    endpoints: Endpoints, method: Method[R], request: R, metadata: Metadata, seconds: float
) -> Decision | Failure:
    """Send a request, the same one each time, for at most so many seconds in all."""
    route = Route(endpoints, seconds)
    last = NO_TIME if endpoints.open else NOT_OPEN
    while attempt := await route.next():
        answer = await _once(method, request, metadata, attempt)
        if isinstance(answer, Failure) and answer.retried:
            route.failed(attempt, answer)
            last = answer
            continue
        route.answered(attempt)
        return answer
    return last if endpoints.open else NOT_OPEN


async def _once(
    method: Method[R], request: R, metadata: Metadata, attempt: Attempt
) -> Decision | Failure:
    call = method(attempt.endpoint.stub)(
        request,
        timeout=attempt.seconds,
        metadata=metadata,
        wait_for_ready=attempt.wait_for_ready,
    )
    try:
        answer: Decision | None = await call
    except grpc.aio.AioRpcError as error:
        return failure(error)
    except asyncio.CancelledError:
        if is_cancelled():
            raise
        return CUT_OFF
    # grpc.aio gives None for bytes that are no message of the answer's type.
    return NO_DECISION if answer is None else answer


def is_cancelled() -> bool:
    """Whether it is the running task that is cancelled, and not merely the call that it awaits."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
