"""What is wrong with a request is all said at once, by field, and nothing else happens."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from sekisho.rpc.errors import MOST_STATUS_BYTES
from sekisho.v1 import risk_check_pb2
from tests.rpc import bad_input
from tests.rpc.bad_input import Wrong
from tests.support import requests
from tests.support.server import Client, Running, refused, stream_of

Send = Callable[[Client, Any], Awaitable[Any]]

METHODS: dict[str, tuple[Send, Callable[[], Message], tuple[Wrong, ...]]] = {
    "AssessSimChange": (
        lambda client, request: client.risk_check.AssessSimChange(request),
        bad_input.assess,
        bad_input.ASSESS,
    ),
    "SubmitEvidence": (
        lambda client, request: client.risk_check.SubmitEvidence(request),
        requests.submit,
        bad_input.SUBMIT,
    ),
    "ReportOutcome": (
        lambda client, request: client.risk_check.ReportOutcome(request),
        requests.outcome,
        bad_input.OUTCOME,
    ),
    "UpsertLineRecord": (
        lambda client, request: client.line_event.UpsertLineRecord(request),
        requests.upsert,
        bad_input.UPSERT,
    ),
    "RecordLineEvents": (
        lambda client, request: client.line_event.RecordLineEvents(stream_of([request])),
        bad_input.line_events,
        bad_input.EVENTS,
    ),
}


@pytest.mark.parametrize("method", METHODS)
async def test_the_ordinary_request_has_nothing_wrong(api: Running, method: str) -> None:
    send, ordinary, _ = METHODS[method]
    await send(api.client, ordinary())
    assert len(api.told.calls) == 1


@pytest.mark.parametrize(
    ("method", "wrong"),
    [
        pytest.param(method, wrong, id=f"{method}-{wrong}")
        for method, (_, _, rows) in METHODS.items()
        for wrong in rows
    ],
)
async def test_a_wrong_field_is_named_alone(api: Running, method: str, wrong: Wrong) -> None:
    send, ordinary, _ = METHODS[method]
    request = ordinary()
    wrong.put_into(request)
    answer = await refused(send(api.client, request))
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert answer.reason == "INVALID_ARGUMENT"
    assert list(answer.violations) == [wrong.field]
    assert answer.violations[wrong.field]
    assert answer.message == "1 invalid field"
    assert not api.told.calls


@pytest.mark.parametrize(
    "wrong",
    [row for row in bad_input.ASSESS if isinstance(row.value, str) and len(row.value) > 3],
    ids=str,
)
async def test_a_refusal_never_repeats_the_value(api: Running, wrong: Wrong) -> None:
    request = bad_input.assess()
    wrong.put_into(request)
    answer = await refused(api.client.risk_check.AssessSimChange(request))
    told = [answer.message, *answer.violations.values(), *answer.metadata.values()]
    assert isinstance(wrong.value, str)
    assert not any(wrong.value in text for text in told)


async def test_everything_wrong_at_once_is_named_at_once(api: Running) -> None:
    request = bad_input.assess()
    put_in = [
        Wrong("request_id", "x"),
        Wrong("shop", ""),
        Wrong("terminal", "a b"),
        Wrong("sim_change.kind", bad_input.UNKNOWN_ENUM),
        Wrong("sim_change.msisdn", "12"),
        Wrong("sim_change.iccid", "12"),
        Wrong("sim_change.imei", "12"),
        Wrong("sim_change.cause", 0),
        Wrong("sim_change.mnp_reservation_number", "12"),
        Wrong("sim_change.contact", "12"),
        Wrong("sim_change.clerk", ""),
        Wrong("sim_change.applicant.name", bad_input.INDIVIDUAL_NUMBER),
        Wrong("sim_change.applicant.name_kana", bad_input.NUL),
        Wrong("sim_change.applicant.birth_date", "x"),
        Wrong("sim_change.applicant.relationship", 0),
        Wrong("sim_change.documents[1].type", bad_input.UNKNOWN_ENUM),
        Wrong("sim_change.documents[0].number", bad_input.INDIVIDUAL_NUMBER),
        Wrong("sim_change.documents[0].expiry_date", "x"),
        Wrong("sim_change.documents[0].chip.face_image_digest", b"x"),
        Wrong("sim_change.line_record.home_prefecture", "x"),
    ]
    for wrong in put_in:
        wrong.put_into(request)
    answer = await refused(api.client.risk_check.AssessSimChange(request))
    assert set(answer.violations) == {wrong.field for wrong in put_in}
    assert answer.message == f"{len(put_in)} invalid fields"
    assert not api.told.calls


async def test_an_empty_request_names_what_is_required(api: Running) -> None:
    answer = await refused(
        api.client.risk_check.AssessSimChange(risk_check_pb2.AssessSimChangeRequest())
    )
    assert set(answer.violations) >= {"request_id", "shop", "terminal", "sim_change"}


async def test_an_empty_change_names_every_required_field(api: Running) -> None:
    request = requests.assess()
    request.sim_change.Clear()
    answer = await refused(api.client.risk_check.AssessSimChange(request))
    required = ("kind", "msisdn", "cause", "applicant", "clerk", "documents")
    assert set(answer.violations) >= {f"sim_change.{name}" for name in required}


async def test_more_violations_than_an_answer_holds_are_counted(api: Running) -> None:
    events = [requests.line_event(number) for number in range(900)]
    for event in events:
        event.msisdn = "12"
        event.event_id = ""
    request = bad_input.line_events()
    del request.events[:]
    request.events.extend(events)
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of([request])))
    shown = len(answer.violations)
    assert 10 < shown <= 100
    assert answer.message == f"1800 invalid fields, {1800 - shown} of them not listed"
    assert answer.details_bytes <= MOST_STATUS_BYTES
