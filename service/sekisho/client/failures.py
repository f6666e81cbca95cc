"""A call that brought no decision, as its status and details tell it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from sekisho.client.answers import BadField, Unanswered, Why
from sekisho.client.texts import Language

_DETAILS_KEY: Final = "grpc-status-details-bin"

_RETRIED: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        # A server that stops cancels what it cannot finish.
        grpc.StatusCode.CANCELLED,
        # Of one attempt; another one is made only where the call has time left.
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)
_WHYS: Final[Mapping[grpc.StatusCode, Why]] = {
    **dict.fromkeys(_RETRIED, Why.NO_ANSWER),
    grpc.StatusCode.RESOURCE_EXHAUSTED: Why.NO_ANSWER,
    grpc.StatusCode.ABORTED: Why.NO_ANSWER,
    grpc.StatusCode.INVALID_ARGUMENT: Why.BAD_INPUT,
    grpc.StatusCode.INTERNAL: Why.FAILED,
    grpc.StatusCode.UNKNOWN: Why.FAILED,
    grpc.StatusCode.DATA_LOSS: Why.FAILED,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call failed.

    `reason` is that of the service's ErrorInfo, empty where the service told none; `retry_after`
    is in seconds, None where it named no time.
    """

    code: grpc.StatusCode
    message: str = ""
    reason: str = ""
    fields: tuple[BadField, ...] = ()
    retry_after: float | None = None

    @property
    def retried(self) -> bool:
        """Whether the same request is sent again while there is time."""
        if self.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.retry_after is not None
        return self.code in _RETRIED

    @property
    def silent(self) -> bool:
        """Whether nothing at all came in the time of an attempt."""
        return self.code is grpc.StatusCode.DEADLINE_EXCEEDED and not self.reason

    def answer(self, request_id: str, language: Language) -> Unanswered:
        """Return what the terminal is told."""
        return Unanswered(
            why=_WHYS.get(self.code, Why.REFUSED),
            request_id=request_id,
            code=self.code,
            reason=self.reason or self.code.name,
            message=self.message,
            fields=self.fields,
            retry_after=self.retry_after,
            language=language,
        )


NOT_OPEN: Final = Failure(grpc.StatusCode.CANCELLED, "this terminal is not open")
CUT_OFF: Final = Failure(grpc.StatusCode.CANCELLED, "the connection was closed at this end")
NO_TIME: Final = Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "no answer came in time")
NO_DECISION: Final = Failure(grpc.StatusCode.INTERNAL, "what came is not a decision")
ANOTHER_DECISION: Final = Failure(grpc.StatusCode.INTERNAL, "the answer is to another request")


def failure(error: grpc.aio.AioRpcError) -> Failure:
    """Return what the error of a call tells. Details that cannot be read count as none."""
    info = error_details_pb2.ErrorInfo()
    bad = error_details_pb2.BadRequest()
    retry = error_details_pb2.RetryInfo()
    retry_after = None
    try:
        for detail in _status(error).details:
            if detail.Unpack(retry):
                delay = retry.retry_delay
                retry_after = max(0.0, delay.seconds + delay.nanos / 1e9)
            elif not detail.Unpack(info):
                detail.Unpack(bad)
    except DecodeError:
        return Failure(error.code(), error.details() or "")
    fields = tuple(BadField(each.field, each.description) for each in bad.field_violations)
    return Failure(error.code(), error.details() or "", info.reason, fields, retry_after)


def _status(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY and isinstance(value, bytes):
            return status_pb2.Status.FromString(value)
    return status_pb2.Status()
