"""How the API refuses a call."""

from dataclasses import dataclass
from typing import Final

import grpc
from google.rpc import error_details_pb2
from grpc_status.rpc_status import from_call

_HTTP: Final = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 503,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One field of a request, and what was expected of it."""

    field: str
    description: str


class Refused(Exception):  # noqa: N818 - it is an answer, and nothing broke
    """A call was refused, or had no answer. `reason` is the API's word, or its status code."""

    def __init__(
        self,
        reason: str,
        message: str = "",
        violations: tuple[Violation, ...] = (),
        status: int = 500,
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.violations = violations
        self.status = status
        """The status of a page that tells it."""


def refused(error: grpc.aio.AioRpcError) -> Refused:
    """Return what an error tells."""
    reason = error.code().name
    violations: tuple[Violation, ...] = ()
    try:
        status = from_call(error)  # type: ignore[arg-type]  # it has what is read of a call
    except ValueError:
        status = None
    for detail in status.details if status else ():
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(bad):
            violations = tuple(Violation(v.field, v.description) for v in bad.field_violations)
    # Without details it is the connection's own error, whose text is for nobody at a desk.
    message = (error.details() or "") if status else ""
    return Refused(reason, message, violations, _HTTP.get(error.code(), 500))
