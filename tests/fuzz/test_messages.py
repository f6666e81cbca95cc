"""Whatever is sent: an answer, or every wrong field by its name. Never an internal error."""

import grpc
import pytest
from google.protobuf.descriptor import Descriptor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.v1 import (
    line_event_pb2,
    review_pb2,
    risk_check_pb2,
    shop_pb2,
    watchlist_pb2,
)
from tests.rpc.bad_input import assess
from tests.support import requests
from tests.support.messages import messages, names_a_field
from tests.support.server import Running, refusal

# One server serves all examples of a test: it keeps nothing between calls but what it was told.
FUZZ = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FILES = (line_event_pb2, review_pb2, risk_check_pb2, shop_pb2, watchlist_pb2)
METHODS: dict[str, Descriptor] = {
    f"{service.name}.{method.name}": method.input_type
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
    if not method.server_streaming
}
ANSWERS = {"NOT_FOUND", "MALFORMED_MESSAGE", "INVALID_ARGUMENT"}


async def judged(api: Running, method: str, body: bytes) -> None:
    """Send a body, and check that what comes back is of use to its sender."""
    try:
        await api.client.send(method, body)
        return
    except grpc.aio.AioRpcError as error:
        answer = refusal(error)
    assert answer.reason in ANSWERS, answer
    if answer.reason == "INVALID_ARGUMENT":
        assert answer.violations
        for field, description in answer.violations.items():
            assert names_a_field(METHODS[method], field), field
            assert description


@pytest.mark.parametrize("method", [name for name in METHODS if "GetCase" not in name])
@FUZZ
@given(data=st.data())
async def test_any_message_is_answered_or_told_what_is_wrong_with_it(
    api: Running, method: str, data: st.DataObject
) -> None:
    message = data.draw(messages(METHODS[method]))
    await judged(api, method, message.SerializeToString())


@pytest.mark.parametrize("method", METHODS)
@FUZZ
@given(body=st.binary(max_size=300))
async def test_any_bytes_are_answered_or_told_what_is_wrong_with_them(
    api: Running, method: str, body: bytes
) -> None:
    if method == "ReviewService.GetCase" and b"/" not in body:
        body = b""
    await judged(api, method, body)


@FUZZ
@given(st.data())
async def test_an_ordinary_request_with_anything_merged_into_it_is_no_internal_error(
    api: Running, data: st.DataObject
) -> None:
    request = data.draw(st.sampled_from([assess(), requests.submit(), requests.upsert()]))
    name = type(request).__name__.removesuffix("Request")
    (method,) = (each for each in METHODS if each.endswith(f".{name}"))
    request.MergeFrom(data.draw(messages(METHODS[method])))
    await judged(api, method, request.SerializeToString())


@FUZZ
@given(st.data())
async def test_an_ordinary_request_with_some_bytes_changed_is_never_an_internal_error(
    api: Running, data: st.DataObject
) -> None:
    request = data.draw(st.sampled_from([assess(), requests.submit()]))
    method = "RiskCheckService." + type(request).__name__.removesuffix("Request")
    body = bytearray(request.SerializeToString())
    places = st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=8)
    for place, value in data.draw(places):
        body[place] = value
    cut = data.draw(st.integers(0, len(body)))
    await judged(api, method, bytes(body))
    await judged(api, method, bytes(body[:cut]))
