"""An error of the domain as a status with details."""

import json
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from structlog.testing import capture_logs

from sekisho.domain import errors
from sekisho.domain.errors import InvalidArgumentError, SekishoError, Violation
from sekisho.rpc import errors as rpc_errors
from sekisho.rpc.errors import MOST_STATUS_BYTES, Refusal, refusal

METHOD = "sekisho.v1.RiskCheckService.AssessSimChange"
SECRET = "+819012345678"


def details(made: Refusal, message: Any) -> Any:
    status = status_pb2.Status.FromString(made.details)
    assert status.code == made.code.value[0]
    assert status.message == made.message
    return next((message for detail in status.details if detail.Unpack(message)), None)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (errors.NotFoundError("no such decision"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        (errors.AlreadyExistsError("x"), grpc.StatusCode.ALREADY_EXISTS, "ALREADY_EXISTS"),
        (errors.RequestIdReusedError("x"), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
        (errors.PermissionDeniedError("x"), grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED"),
        (
            rpc_errors.IdentityMismatchError("x"),
            grpc.StatusCode.PERMISSION_DENIED,
            "IDENTITY_MISMATCH",
        ),
        (rpc_errors.UnauthenticatedError("x"), grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED"),
        (
            errors.FailedPreconditionError("x", "OUTCOME_KNOWN"),
            grpc.StatusCode.FAILED_PRECONDITION,
            "OUTCOME_KNOWN",
        ),
        (errors.AbortedError("x"), grpc.StatusCode.ABORTED, "ABORTED"),
        (errors.OverloadedError("x"), grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED"),
        (errors.UnavailableError("x"), grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE"),
        (errors.LedgerUnavailableError("x"), grpc.StatusCode.UNAVAILABLE, "LEDGER_UNAVAILABLE"),
        (errors.CacheUnavailableError("x"), grpc.StatusCode.UNAVAILABLE, "CACHE_UNAVAILABLE"),
        (rpc_errors.DrainingError("x"), grpc.StatusCode.UNAVAILABLE, "DRAINING"),
        (
            rpc_errors.MalformedMessageError("x"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "MALFORMED_MESSAGE",
        ),
        (TimeoutError(), grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    ],
)
def test_each_error_has_its_code_and_its_reason(
    error: Exception, code: grpc.StatusCode, reason: str
) -> None:
    made = refusal(error, METHOD)
    assert made.code is code
    assert made.message
    info = details(made, error_details_pb2.ErrorInfo())
    assert (info.reason, info.domain) == (reason, "sekisho")


def domain_errors(cls: type[SekishoError] = SekishoError) -> list[type[SekishoError]]:
    return [each for sub in cls.__subclasses__() for each in (sub, *domain_errors(sub))]


@pytest.mark.parametrize("cls", domain_errors())
def test_no_error_of_the_domain_is_told_as_internal(cls: type[SekishoError]) -> None:
    error = cls([]) if issubclass(cls, InvalidArgumentError) else cls("x")
    made = refusal(error, METHOD)
    assert made.code is not grpc.StatusCode.INTERNAL
    assert made.reason.isupper()


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (errors.UnavailableError("x", 2.5), 2.5),
        (errors.LedgerUnavailableError("x"), 1.0),
    ],
)
def test_where_trying_again_helps_it_is_said_when(error: Exception, seconds: float) -> None:
    retry = details(refusal(error, METHOD), error_details_pb2.RetryInfo())
    assert retry.retry_delay.ToTimedelta().total_seconds() == seconds


def test_those_refused_for_too_much_work_are_not_sent_back_all_at_once() -> None:
    retries = [
        details(refusal(errors.OverloadedError("x"), METHOD), error_details_pb2.RetryInfo())
        for _ in range(20)
    ]
    waits = [retry.retry_delay.ToTimedelta().total_seconds() for retry in retries]
    assert min(waits) >= 0.5
    assert max(waits) <= 2.5
    assert len(set(waits)) > 10


def test_where_trying_again_does_not_help_nothing_is_said_of_it() -> None:
    made = refusal(errors.NotFoundError("x"), METHOD)
    assert details(made, error_details_pb2.RetryInfo()) is None


def test_every_violation_is_listed_by_field() -> None:
    made = refusal(
        InvalidArgumentError([Violation("a", "one"), Violation("b[0].c", "two")]), METHOD
    )
    bad = details(made, error_details_pb2.BadRequest())
    assert [(v.field, v.description) for v in bad.field_violations] == [
        ("a", "one"),
        ("b[0].c", "two"),
    ]
    assert made.message == "2 invalid fields"


@pytest.mark.parametrize("count", [1, 99, 101, 5_000])
@pytest.mark.parametrize("length", [1, 60, 3_000, 20_000])
def test_the_details_stay_small_however_much_is_wrong(count: int, length: int) -> None:
    made = refusal(
        InvalidArgumentError([Violation(f"events[{n}]", "x" * length) for n in range(count)]),
        METHOD,
    )
    assert len(made.details) <= MOST_STATUS_BYTES
    shown = len(details(made, error_details_pb2.BadRequest()).field_violations)
    assert shown <= min(count, 100)
    left = count - shown
    assert (f"{left} of them not listed" in made.message) == (left > 0)


def test_an_unexpected_error_is_told_as_an_opaque_id_and_logged_without_its_text() -> None:
    def fail() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"cannot read {SECRET}") from error

    with capture_logs() as logged:
        try:
            fail()
        except RuntimeError as error:
            made = refusal(error, METHOD)
    assert made.code is grpc.StatusCode.INTERNAL
    info = details(made, error_details_pb2.ErrorInfo())
    assert info.reason == "INTERNAL"
    assert made.message == f"internal error {info.metadata['error_id']}"
    (line,) = logged
    assert line["error_id"] == info.metadata["error_id"]
    assert line["error"] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert any("test_errors.py" in frame for frame in line["frames"])
    assert SECRET not in json.dumps(line, default=str) + made.message + str(made.details)


def test_a_long_text_is_cut() -> None:
    assert len(refusal(errors.NotFoundError("x" * 10_000), METHOD).message) <= 300
