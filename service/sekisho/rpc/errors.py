"""A domain error as a google.rpc.Status, with details that a client can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Final
from uuid import uuid4

import grpc
import structlog
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from sekisho import logs
from sekisho.domain import errors
from sekisho.domain.errors import SekishoError, Violation

DOMAIN: Final = "sekisho"
"""The domain of every ErrorInfo."""

DETAILS_KEY: Final = "grpc-status-details-bin"

MOST_VIOLATIONS: Final = 100
MOST_STATUS_BYTES: Final = 5_000
"""Upper bound of a Status: base64 adds a third, and clients take 8 KiB of trailing metadata."""

_log = structlog.get_logger("sekisho.rpc")
_jitter = SystemRandom()


class UnauthenticatedError(SekishoError):
    """The client certificate or the token names nobody whom sekisho knows."""

    reason = "UNAUTHENTICATED"


class IdentityMismatchError(errors.PermissionDeniedError):
    """The request names another shop or terminal than the client certificate."""

    reason = "IDENTITY_MISMATCH"


class MalformedMessageError(SekishoError):
    """The bytes are not the message that the method takes."""

    reason = "MALFORMED_MESSAGE"


class DeadlineExceededError(SekishoError):
    """The caller's time was over before the answer was there."""

    reason = "DEADLINE_EXCEEDED"


class DrainingError(errors.UnavailableError):
    """The process is stopping: call again, and another one answers."""

    reason = "DRAINING"


_CODES: Mapping[type[SekishoError], grpc.StatusCode] = {
    errors.InvalidArgumentError: grpc.StatusCode.INVALID_ARGUMENT,
    MalformedMessageError: grpc.StatusCode.INVALID_ARGUMENT,
    errors.NotFoundError: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExistsError: grpc.StatusCode.ALREADY_EXISTS,
    errors.PermissionDeniedError: grpc.StatusCode.PERMISSION_DENIED,
    UnauthenticatedError: grpc.StatusCode.UNAUTHENTICATED,
    errors.FailedPreconditionError: grpc.StatusCode.FAILED_PRECONDITION,
    errors.AbortedError: grpc.StatusCode.ABORTED,
    errors.UnavailableError: grpc.StatusCode.UNAVAILABLE,
    errors.OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    DeadlineExceededError: grpc.StatusCode.DEADLINE_EXCEEDED,
}

_OVERLOADED_RETRY_SECONDS = (0.5, 2.5)
_MOST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as it goes out. `message` repeats nothing of the request's content."""

    code: grpc.StatusCode
    reason: str
    message: str
    details: bytes

    @property
    def trailing_metadata(self) -> tuple[tuple[str, bytes], ...]:
        """The details, in the place where grpc-status looks for them."""
        return ((DETAILS_KEY, self.details),)


def refusal(error: Exception, method: str) -> Refusal:
    """Return what the caller is told of `error`.

    An error that is not the domain's is logged, by its type and frames only, and told as an
    opaque id: its text may quote what it choked on.
    """
    if isinstance(error, TimeoutError):
        error = DeadlineExceededError("the time for this call is over")
    code = _code(error)
    if not isinstance(error, SekishoError) or code is None:
        error_id = uuid4().hex
        _log.error("unexpected_error", method=method, error_id=error_id, **logs.describe(error))
        return _made(
            grpc.StatusCode.INTERNAL,
            "INTERNAL",
            f"internal error {error_id}",
            [],
            {"error_id": error_id},
        )
    if isinstance(error, errors.InvalidArgumentError):
        return _invalid(error)
    details: list[Message] = []
    if isinstance(error, errors.UnavailableError):
        details.append(_retry(error.retry_after_seconds))
    elif isinstance(error, errors.OverloadedError):
        # Apart from each other, so that all who were refused do not come back together.
        details.append(_retry(_jitter.uniform(*_OVERLOADED_RETRY_SECONDS)))
    return _made(code, error.reason, str(error)[:_MOST_MESSAGE] or error.reason, details)


def _code(error: Exception) -> grpc.StatusCode | None:
    return next((_CODES[cls] for cls in type(error).__mro__ if cls in _CODES), None)


def _invalid(error: errors.InvalidArgumentError) -> Refusal:
    total = len(error.violations)
    shown = error.violations[:MOST_VIOLATIONS]
    while True:
        made = _made(
            grpc.StatusCode.INVALID_ARGUMENT,
            error.reason,
            f"{total} invalid field{'s' if total != 1 else ''}"
            + (f", {total - len(shown)} of them not listed" if len(shown) < total else ""),
            [_bad_request(shown)],
        )
        if len(made.details) <= MOST_STATUS_BYTES:
            return made
        shown = shown[: len(shown) * MOST_STATUS_BYTES // (len(made.details) + 1)]


def _bad_request(violations: Sequence[Violation]) -> error_details_pb2.BadRequest:
    return error_details_pb2.BadRequest(
        field_violations=[
            error_details_pb2.BadRequest.FieldViolation(
                field=violation.field, description=violation.description
            )
            for violation in violations
        ]
    )


def _retry(seconds: float) -> error_details_pb2.RetryInfo:
    delay = Duration()
    delay.FromMilliseconds(round(seconds * 1000))
    return error_details_pb2.RetryInfo(retry_delay=delay)


def _made(
    code: grpc.StatusCode,
    reason: str,
    message: str,
    details: Sequence[Message],
    metadata: Mapping[str, str] | None = None,
) -> Refusal:
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in (info, *details):
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return Refusal(code, reason, message, status.SerializeToString())
