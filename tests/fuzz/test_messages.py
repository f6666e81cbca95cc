"""Whatever is sent: an answer, or every wrong field by its name. Never an internal error.

FUZZ_EXAMPLES says how many messages in all.
"""

import os
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.v1 import (
    line_event_pb2,
    review_pb2,
    risk_check_pb2,
    shop_pb2,
    watchlist_pb2,
)
from tests.support import requests
from tests.support.messages import messages, names_a_field
from tests.support.server import Client, refusal
from tests.support.service import forged, ordinary

ROUND = 250
"""Examples of one test: Hypothesis remembers all of a test's examples."""

ROUNDS = range(max(1, int(os.environ.get("FUZZ_EXAMPLES", "3000")) // (4 * ROUND)))

FUZZ = settings(
    max_examples=ROUND,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
FILES = (line_event_pb2, review_pb2, risk_check_pb2, shop_pb2, watchlist_pb2)
METHODS: dict[str, MethodDescriptor] = {
    f"{service.name}.{method.name}": method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
OF_THE_CALLER = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.ABORTED,
}
"""How a call may be refused: for something in it, and never for want of the service."""


async def judged(client: Client, name: str, bodies: Sequence[bytes]) -> None:
    """Send a call's bodies, and check that what comes back is of use to its sender."""
    method = METHODS[name]
    channel: Any = client.channel
    path = f"/sekisho.v1.{name.replace('.', '/')}"
    try:
        if method.client_streaming:
            await channel.stream_unary(path)(_stream(bodies), timeout=60)
        elif method.server_streaming:
            watch = channel.unary_stream(path)(bodies[0], timeout=60)
            await watch.read()
            watch.cancel()
        else:
            await channel.unary_unary(path)(bodies[0], timeout=60)
    except grpc.aio.AioRpcError as error:
        answer = refusal(error)
    else:
        return
    assert answer.code in OF_THE_CALLER, answer
    if answer.reason == "INVALID_ARGUMENT":
        assert answer.violations
        for field, description in answer.violations.items():
            assert names_a_field(method.input_type, field), field
            assert description
    else:
        assert answer.reason


async def _stream(bodies: Sequence[bytes]) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


def ordinary_messages() -> list[tuple[str, Message]]:
    """A good message for every method that changes something, each with an id of its own."""
    mules = watchlist_pb2.Watchlist(display_name="Mules")
    return [
        ("RiskCheckService.AssessSimChange", ordinary()),
        ("RiskCheckService.AssessSimChange", forged()),
        ("RiskCheckService.SubmitEvidence", requests.submit()),
        ("RiskCheckService.ReportOutcome", requests.outcome()),
        ("LineEventService.UpsertLineRecord", requests.upsert()),
        (
            "LineEventService.RecordLineEvents",
            line_event_pb2.RecordLineEventsRequest(events=[requests.line_event()]),
        ),
        ("ShopService.ImportShops", shop_pb2.ImportShopsRequest(shops=[requests.shop()])),
        (
            "WatchlistService.CreateWatchlist",
            watchlist_pb2.CreateWatchlistRequest(watchlist_id="mules", watchlist=mules),
        ),
        (
            "WatchlistService.CreateWatchlistEntry",
            watchlist_pb2.CreateWatchlistEntryRequest(
                parent="watchlists/mules", watchlist_entry=requests.watchlist_entry()
            ),
        ),
        (
            "WatchlistService.ImportWatchlistEntries",
            watchlist_pb2.ImportWatchlistEntriesRequest(
                parent="watchlists/mules", entries=[requests.watchlist_entry()]
            ),
        ),
        (
            "WatchlistService.LookUpIdentifier",
            watchlist_pb2.LookUpIdentifierRequest(identifier=requests.watchlist_entry().identifier),
        ),
    ]


ORDINARY = ordinary_messages()


def fresh(example: tuple[str, Message]) -> tuple[str, Message]:
    """Return a copy of a good message under another request_id."""
    name, good = example
    message = type(good)()
    message.CopyFrom(good)
    if "request_id" in METHODS[name].input_type.fields_by_name:
        message.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
    return name, message


def whole(descriptor: Descriptor) -> st.SearchStrategy[bytes]:
    """Any message of a type, as bytes."""
    return messages(descriptor).map(lambda message: message.SerializeToString())


@pytest.mark.parametrize("_round", ROUNDS)
@FUZZ
@given(data=st.data(), name=st.sampled_from(sorted(METHODS)))
async def test_any_message_is_answered_or_told_what_is_wrong_with_it(
    client: Client, _round: int, name: str, data: st.DataObject
) -> None:
    one = whole(METHODS[name].input_type)
    await judged(client, name, data.draw(st.lists(one, min_size=1, max_size=3)))


@pytest.mark.parametrize("_round", ROUNDS)
@FUZZ
@given(
    name=st.sampled_from(sorted(METHODS)),
    bodies=st.lists(st.binary(max_size=300), min_size=1, max_size=3),
)
async def test_any_bytes_are_answered_or_told_what_is_wrong_with_them(
    client: Client, _round: int, name: str, bodies: list[bytes]
) -> None:
    await judged(client, name, bodies)


@pytest.mark.parametrize("_round", ROUNDS)
@FUZZ
@given(data=st.data(), example=st.sampled_from(ORDINARY))
async def test_an_ordinary_request_with_anything_merged_into_it_is_no_internal_error(
    client: Client, _round: int, example: tuple[str, Message], data: st.DataObject
) -> None:
    name, request = fresh(example)
    request.MergeFrom(data.draw(messages(METHODS[name].input_type)))
    await judged(client, name, [request.SerializeToString()])


@pytest.mark.parametrize("_round", ROUNDS)
@FUZZ
@given(data=st.data(), example=st.sampled_from(ORDINARY))
async def test_an_ordinary_request_with_some_bytes_changed_is_never_an_internal_error(
    client: Client, _round: int, example: tuple[str, Message], data: st.DataObject
) -> None:
    name, request = fresh(example)
    body = bytearray(request.SerializeToString())
    places = st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=8)
    for place, value in data.draw(places):
        body[place] = value
    cut = data.draw(st.integers(0, len(body)))
    await judged(client, name, [bytes(body[:cut] if cut % 2 else body)])
