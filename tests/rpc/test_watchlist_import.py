"""Imports of watchlists: streams, all or nothing."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest

from sekisho.domain.errors import LedgerUnavailableError
from sekisho.v1 import watchlist_pb2
from tests.support import requests
from tests.support.server import Running, refused, stream_of

Message = watchlist_pb2.ImportWatchlistEntriesRequest


def part(first: int, count: int, *, head: bool = False) -> Message:
    return Message(
        request_id=requests.REQUEST_ID if head else "",
        parent="watchlists/mules" if head else "",
        entries=[requests.watchlist_entry(number) for number in range(first, first + count)],
    )


async def test_all_parts_of_a_stream_are_imported_together(api: Running) -> None:
    messages = [part(0, 3, head=True), part(3, 2), part(5, 1, head=True)]
    answer = await api.client.watchlist.ImportWatchlistEntries(stream_of(messages))
    assert answer.added_count == 6
    assert answer.watchlist.name == "watchlists/mules"
    assert api.told.names == ["begin_import", "add", "add", "add", "finish"]
    once = api.told.calls[0][1]["once"]
    assert (once.caller, once.request_id) == ("loopback", requests.REQUEST_ID)


async def test_a_repeat_is_the_same_however_the_stream_is_cut(api: Running) -> None:
    send = api.client.watchlist.ImportWatchlistEntries
    await send(stream_of([part(0, 4, head=True)]))
    await send(stream_of([part(0, 1, head=True), part(1, 3)]))
    digests = {call["body_digest"] for name, call in api.told.calls if name == "finish"}
    assert len(digests) == 1


@pytest.mark.parametrize("other", [[part(0, 3, head=True)], [part(1, 4, head=True)]])
async def test_promise_3_another_stream_under_the_same_id_is_refused(
    api: Running, other: list[Message]
) -> None:
    send = api.client.watchlist.ImportWatchlistEntries
    await send(stream_of([part(0, 4, head=True)]))
    answer = await refused(send(stream_of(other)))
    assert answer.code is grpc.StatusCode.ALREADY_EXISTS
    assert answer.reason == "REQUEST_ID_REUSED"
    assert api.told.names[-1] == "abandon"


async def test_wrong_entries_are_named_by_their_place_in_the_whole_stream(api: Running) -> None:
    bad = part(2, 3)
    bad.entries[0].identifier.msisdn = "12"
    bad.entries[2].identifier.Clear()
    worse = part(5, 1)
    worse.entries[0].reason = "a\0b"
    messages = [part(0, 2, head=True), bad, worse]
    answer = await refused(api.client.watchlist.ImportWatchlistEntries(stream_of(messages)))
    assert set(answer.violations) == {
        "entries[2].identifier.msisdn",
        "entries[4].identifier.kind",
        "entries[5].reason",
    }
    assert api.told.names == ["begin_import", "add", "abandon"]


async def test_an_import_that_is_wrong_from_the_start_is_never_begun(api: Running) -> None:
    bad = part(0, 1, head=True)
    bad.entries[0].identifier.msisdn = "12"
    messages = [bad, part(1, 1)]
    answer = await refused(api.client.watchlist.ImportWatchlistEntries(stream_of(messages)))
    assert set(answer.violations) == {"entries[0].identifier.msisdn"}
    assert not api.told.calls


@pytest.mark.parametrize(
    ("messages", "named"),
    [
        ([], {"parent", "request_id", "entries"}),
        ([part(0, 1)], {"parent", "request_id"}),
        ([part(0, 0, head=True)], {"entries"}),
        ([part(0, 1, head=True), Message(parent="watchlists/other")], {"parent"}),
        ([part(0, 1, head=True), Message(request_id="x")], {"request_id"}),
        ([Message(parent="mules", request_id="x")], {"parent", "request_id", "entries"}),
        ([part(0, 5001, head=True)], {"entries"}),
    ],
)
async def test_what_a_stream_must_say_is_named(
    api: Running, messages: list[Message], named: set[str]
) -> None:
    answer = await refused(api.client.watchlist.ImportWatchlistEntries(stream_of(messages)))
    assert set(answer.violations) == named
    assert "finish" not in api.told.names


async def test_reading_stops_where_more_is_wrong_than_can_be_told(api: Running) -> None:
    sent = 0

    async def wrong_without_end() -> AsyncIterator[Message]:
        nonlocal sent
        while True:
            bad = part(0, 50, head=True)
            for entry in bad.entries:
                entry.identifier.msisdn = "12"
            sent += 1
            yield bad

    async with asyncio.timeout(10):
        answer = await refused(api.client.watchlist.ImportWatchlistEntries(wrong_without_end()))
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert sent < 1000


async def halting() -> AsyncIterator[Message]:
    yield part(0, 1, head=True)
    await asyncio.Event().wait()


@pytest.mark.parametrize("round_", range(10))
async def test_half_a_stream_of_a_caller_that_went_away_never_counts(
    api: Running, round_: int
) -> None:
    call = api.client.watchlist.ImportWatchlistEntries(halting())
    await api.told.called(2)
    if round_ % 2:
        call.cancel()
    else:
        await api.client.channel.close()
    async with asyncio.timeout(5):
        await api.told.called(3)
    assert api.told.names == ["begin_import", "add", "abandon"]


async def test_a_stream_whose_time_is_over_never_counts(api: Running) -> None:
    call = api.client.watchlist.ImportWatchlistEntries(halting(), timeout=0.1)
    answer = await refused(call)
    assert answer.code is grpc.StatusCode.DEADLINE_EXCEEDED
    async with asyncio.timeout(5):
        await api.told.called(3)
    assert api.told.names == ["begin_import", "add", "abandon"]


async def test_an_import_that_fails_is_abandoned(api: Running) -> None:
    async def failing() -> AsyncIterator[Message]:
        yield part(0, 1, head=True)
        await api.told.called(2)
        api.told.error = LedgerUnavailableError("away")
        yield part(1, 1)

    answer = await refused(api.client.watchlist.ImportWatchlistEntries(failing()))
    assert answer.reason == "LEDGER_UNAVAILABLE"
    assert api.told.names == ["begin_import", "add", "add", "abandon"]
