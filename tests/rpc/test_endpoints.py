"""What every call goes through, whatever its method."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from sekisho.application.ports.telemetry import NoTelemetry
from sekisho.domain.errors import LedgerUnavailableError, PermissionDeniedError, UnavailableError
from sekisho.rpc.methods import METHODS
from sekisho.rpc.server import ServerOptions
from sekisho.v1 import line_event_pb2, risk_check_pb2
from tests.support import requests
from tests.support.server import Running, refusal, refused, running, stream_of

UNARY = [
    name.removeprefix("sekisho.v1.")
    for name in METHODS
    if not name.endswith(("RecordLineEvents", "ImportWatchlistEntries", "WatchDecision"))
]
RUBBISH = (
    b"\xff",
    b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x07",
    b"\xde\xad\xbe\xef" * 1_000_000,
)
"""Bytes that are no message: cut off, lengths beyond the end, a bad wire type."""


class Counting(NoTelemetry):
    """Keeps what was refused."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def refused(self, reason: str) -> None:
        self.reasons.append(reason)


@pytest.mark.parametrize("method", UNARY)
@pytest.mark.parametrize("body", RUBBISH, ids=lambda body: f"{len(body)} bytes")
async def test_bytes_that_are_no_message_are_an_invalid_argument(
    api: Running, method: str, body: bytes
) -> None:
    answer = await refused(api.client.send(method, body))
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.reason == "MALFORMED_MESSAGE"
    assert not api.told.calls


@pytest.mark.parametrize(
    "method", ["LineEventService.RecordLineEvents", "WatchlistService.ImportWatchlistEntries"]
)
async def test_bytes_that_are_no_message_end_a_stream(api: Running, method: str) -> None:
    service, _, name = method.partition(".")
    call: Callable[..., Any] = api.client.channel.stream_unary(f"/sekisho.v1.{service}/{name}")
    answer = await refused(call(stream_of_bytes(b"\xff"), timeout=10))
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.reason == "MALFORMED_MESSAGE"


async def stream_of_bytes(*bodies: bytes) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


async def test_text_that_is_not_utf_8_is_an_invalid_argument(api: Running) -> None:
    body = b"\x0a\x02\xc3\x28"
    answer = await refused(api.client.send("RiskCheckService.AssessSimChange", body))
    assert answer.reason == "MALFORMED_MESSAGE"


@pytest.mark.parametrize("method", UNARY)
async def test_a_wrong_wire_type_is_an_unknown_field_and_never_an_internal_error(
    api: Running, method: str
) -> None:
    # Every field of the first fifteen as a varint, then as a fixed64.
    body = b"".join(bytes([number << 3, 1]) for number in range(1, 16))
    body += b"".join(bytes([number << 3 | 1]) + b"\xff" * 8 for number in range(1, 16))
    assert await outcome(api, method, body) in ("", "INVALID_ARGUMENT")


async def outcome(api: Running, method: str, body: bytes) -> str:
    """Return why a call was refused, empty where it was answered."""
    try:
        await api.client.send(method, body)
    except grpc.aio.AioRpcError as error:
        return refusal(error).reason
    return ""


async def test_a_message_over_four_mebibytes_is_refused_by_the_transport(api: Running) -> None:
    body = b"x" * (4 * 1024 * 1024 + 1)
    answer = await refused(api.client.send("RiskCheckService.AssessSimChange", body))
    assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_method_that_there_is_not_is_unimplemented(api: Running) -> None:
    answer = await refused(api.client.send("RiskCheckService.Deny", b""))
    assert answer.code is grpc.StatusCode.UNIMPLEMENTED


async def test_an_unexpected_error_says_nothing_of_itself(api: Running) -> None:
    api.told.error = ValueError("+819012345678 could not be parsed")
    with capture_logs() as logged:
        answer = await refused(api.client.risk_check.AssessSimChange(requests.assess()))
    assert answer.code is grpc.StatusCode.INTERNAL
    assert answer.message == f"internal error {answer.metadata['error_id']}"
    assert "9012345678" not in json.dumps(logged, default=str)
    api.told.error = None
    await api.client.risk_check.AssessSimChange(requests.assess())


async def test_refusals_are_counted_by_reason() -> None:
    telemetry = Counting()
    async with running(telemetry=telemetry) as api:
        await refused(api.client.send("RiskCheckService.AssessSimChange", b"\xff"))
        api.told.error = LedgerUnavailableError("away", 2.0)
        answer = await refused(api.client.risk_check.AssessSimChange(requests.assess()))
    assert answer.retry_seconds == 2.0
    assert telemetry.reasons == ["MALFORMED_MESSAGE", "LEDGER_UNAVAILABLE"]


@pytest.mark.parametrize(("timeout", "most"), [(None, 5.0), (2.0, 2.0), (3600.0, 5.0)])
async def test_a_use_case_is_told_what_is_left_of_the_callers_time(
    api: Running, timeout: float | None, most: float
) -> None:
    await api.client.risk_check.AssessSimChange(requests.assess(), timeout=timeout)
    # gRPC keeps deadlines by another clock, which may differ by some milliseconds.
    assert most - 1 < api.told.last["timeout"] <= most + 0.1


@pytest.mark.parametrize("timeout", [None, 0.05, 60.0])
async def test_a_call_is_ended_in_time_whatever_deadline_its_caller_set(
    timeout: float | None,
) -> None:
    options = ServerOptions(address="127.0.0.1:0", most_seconds=0.1, most_in_flight=1)
    async with running(options) as api:
        api.told.wait = asyncio.Event()
        request = risk_check_pb2.GetDecisionRequest(name=requests.DECISION)
        answer = await refused(api.client.risk_check.GetDecision(request, timeout=timeout))
        assert answer.code is grpc.StatusCode.DEADLINE_EXCEEDED
        api.told.wait.set()
        body = request.SerializeToString()
        async with asyncio.timeout(5):
            while await outcome(api, "RiskCheckService.GetDecision", body):
                pass


async def test_a_stream_may_take_longer_than_a_short_call() -> None:
    options = ServerOptions(address="127.0.0.1:0", most_seconds=0.01, grace_seconds=0.1)

    async def slowly() -> AsyncIterator[line_event_pb2.RecordLineEventsRequest]:
        for number in range(3):
            await asyncio.sleep(0.05)
            yield line_event_pb2.RecordLineEventsRequest(events=[requests.line_event(number)])

    async with running(options) as api:
        answer = await api.client.line_event.RecordLineEvents(slowly())
    assert answer.recorded_count == 3


async def test_a_refusal_for_lack_of_permission_is_logged(api: Running) -> None:
    api.told.error = PermissionDeniedError("not yours")
    with capture_logs() as logged:
        await refused(api.client.risk_check.AssessSimChange(requests.assess()))
    (line,) = logged
    assert line["event"] == "refused"
    assert line["reason"] == "PERMISSION_DENIED"


async def test_an_error_in_the_middle_of_a_watch_ends_it_with_its_status(api: Running) -> None:
    api.told.error = UnavailableError("away")
    request = risk_check_pb2.WatchDecisionRequest(name=requests.DECISION)
    answer = await refused(api.client.risk_check.WatchDecision(request).read())
    assert answer.code is grpc.StatusCode.UNAVAILABLE


async def test_streams_are_refused_what_they_may_not_carry(api: Running) -> None:
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of([])))
    assert set(answer.violations) == {"events"}
