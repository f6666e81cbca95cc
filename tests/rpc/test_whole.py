"""The API over the real application, with its own Valkey and ledger."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from sekisho.v1 import (
    decision_pb2,
    line_event_pb2,
    review_pb2,
    risk_check_pb2,
    shop_pb2,
    watchlist_pb2,
)
from tests.support import requests
from tests.support.server import Client, refused, stream_of
from tests.support.service import STEP_UP, Whole, forged, opened_with, ordinary, until, whole

MULES = "watchlists/mules"
Part = watchlist_pb2.ImportWatchlistEntriesRequest


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole(tmp_path) as running:
        yield running


def new_id() -> str:
    return str(uuid.uuid4())


async def created(service: Whole) -> watchlist_pb2.Watchlist:
    return await service.client.watchlist.CreateWatchlist(
        watchlist_pb2.CreateWatchlistRequest(
            request_id=new_id(),
            watchlist_id="mules",
            watchlist=watchlist_pb2.Watchlist(display_name="Mules"),
        )
    )


def stream(
    request_id: str, first: int, count: int
) -> list[watchlist_pb2.ImportWatchlistEntriesRequest]:
    return [
        watchlist_pb2.ImportWatchlistEntriesRequest(
            request_id=request_id, parent=MULES, entries=[requests.watchlist_entry(number)]
        )
        for number in range(first, first + count)
    ]


async def test_a_watchlist_lives_through_all_its_methods(service: Whole) -> None:
    lists = service.client.watchlist
    made = await created(service)
    assert await lists.GetWatchlist(watchlist_pb2.GetWatchlistRequest(name=MULES)) == made
    again = await refused(created(service))
    assert again.reason == "ALREADY_EXISTS"

    entry = await lists.CreateWatchlistEntry(
        watchlist_pb2.CreateWatchlistEntryRequest(
            request_id=new_id(), parent=MULES, watchlist_entry=requests.watchlist_entry()
        )
    )
    found = await lists.LookUpIdentifier(
        watchlist_pb2.LookUpIdentifierRequest(identifier=requests.watchlist_entry().identifier)
    )
    assert list(found.watchlist_entries) == [entry]

    await lists.DeleteWatchlistEntry(
        watchlist_pb2.DeleteWatchlistEntryRequest(request_id=new_id(), name=entry.name)
    )
    stale = watchlist_pb2.DeleteWatchlistRequest(request_id=new_id(), name=MULES, etag=made.etag)
    assert (await refused(lists.DeleteWatchlist(stale))).reason == "ABORTED"
    (now,) = (await lists.ListWatchlists(watchlist_pb2.ListWatchlistsRequest())).watchlists
    assert now.entry_count == 0
    await lists.DeleteWatchlist(
        watchlist_pb2.DeleteWatchlistRequest(request_id=new_id(), name=MULES, etag=now.etag)
    )
    gone = await refused(lists.GetWatchlist(watchlist_pb2.GetWatchlistRequest(name=MULES)))
    assert gone.reason == "NOT_FOUND"


async def test_a_preview_tells_what_the_import_then_does_and_changes_nothing(
    service: Whole,
) -> None:
    lists = service.client.watchlist
    await created(service)
    await lists.ImportWatchlistEntries(stream_of(stream(new_id(), 0, 5)))
    before = await lists.GetWatchlist(watchlist_pb2.GetWatchlistRequest(name=MULES))

    def messages(*, validate_only: bool) -> list[Part]:
        parts = [*stream(request_id, 3, 4), *stream(request_id, 3, 1)]
        parts[0].validate_only = validate_only
        return parts

    request_id = new_id()
    seen = await lists.ImportWatchlistEntries(stream_of(messages(validate_only=True)))
    assert seen.watchlist == before
    assert await lists.GetWatchlist(watchlist_pb2.GetWatchlistRequest(name=MULES)) == before
    done = await lists.ImportWatchlistEntries(stream_of(messages(validate_only=False)))
    for field in ("added_count", "removed_count", "kept_count", "duplicate_count"):
        assert getattr(seen, field) == getattr(done, field), field
    assert (done.added_count, done.removed_count, done.kept_count) == (2, 3, 2)
    assert done.duplicate_count == 1

    bad = messages(validate_only=True)
    bad[1].entries[0].identifier.msisdn = "12"
    told = await refused(lists.ImportWatchlistEntries(stream_of(bad)))
    assert set(told.violations) == {"entries[1].identifier.msisdn"}


async def test_an_import_counts_once_and_another_stream_under_its_id_is_refused(
    service: Whole,
) -> None:
    lists = service.client.watchlist
    await created(service)
    request_id = new_id()
    first = await lists.ImportWatchlistEntries(stream_of(stream(request_id, 0, 5)))
    assert (first.added_count, first.watchlist.entry_count) == (5, 5)
    assert await lists.ImportWatchlistEntries(stream_of(stream(request_id, 0, 5))) == first
    other = await refused(lists.ImportWatchlistEntries(stream_of(stream(request_id, 0, 4))))
    assert other.reason == "REQUEST_ID_REUSED"

    broken = stream(new_id(), 0, 3)
    broken[2].entries[0].identifier.msisdn = "12"
    answer = await refused(lists.ImportWatchlistEntries(stream_of(broken)))
    assert set(answer.violations) == {"entries[2].identifier.msisdn"}

    second = await lists.ImportWatchlistEntries(stream_of(stream(new_id(), 3, 5)))
    assert (second.added_count, second.removed_count, second.kept_count) == (3, 3, 2)
    names = []
    page = watchlist_pb2.ListWatchlistEntriesRequest(parent=MULES, page_size=2)
    while True:
        answer_page = await lists.ListWatchlistEntries(page)
        names += [each.name for each in answer_page.watchlist_entries]
        page.page_token = answer_page.next_page_token
        if not page.page_token:
            break
    assert len(names) == 5
    assert names == sorted(set(names))


async def test_shops_come_back_as_they_were_imported(service: Whole) -> None:
    request = shop_pb2.ImportShopsRequest(
        request_id=new_id(), shops=[requests.shop("ginza"), requests.shop("ueno")]
    )
    answer = await service.client.shop.ImportShops(request)
    assert (answer.added_count, answer.removed_count, answer.kept_count) == (2, 0, 0)
    listed = await service.client.shop.ListShops(shop_pb2.ListShopsRequest())
    assert list(listed.shops) == list(request.shops)
    got = await service.client.shop.GetShop(shop_pb2.GetShopRequest(name="shops/ueno"))
    assert got == request.shops[1]


async def test_lines_and_their_events_are_recorded_once(service: Whole) -> None:
    lines = service.client.line_event
    await lines.UpsertLineRecord(requests.upsert())
    await lines.UpsertLineRecord(requests.upsert())
    changed = requests.upsert()
    changed.record.locked = True
    assert (await refused(lines.UpsertLineRecord(changed))).reason == "REQUEST_ID_REUSED"

    events = [requests.line_event(number) for number in range(3)]
    messages = [line_event_pb2.RecordLineEventsRequest(events=events)]
    first = await lines.RecordLineEvents(stream_of(messages))
    assert (first.recorded_count, first.duplicate_count) == (3, 0)
    second = await lines.RecordLineEvents(stream_of(messages))
    assert (second.recorded_count, second.duplicate_count) == (0, 3)


async def test_a_decision_lives_through_all_its_methods(service: Whole) -> None:
    client = service.client
    decision = await service.assess(forged())
    assert decision.verdict == decision_pb2.VERDICT_STEP_UP
    assert decision.challenges
    assert (
        await client.risk_check.GetDecision(risk_check_pb2.GetDecisionRequest(name=decision.name))
        == decision
    )

    watch = client.risk_check.WatchDecision(risk_check_pb2.WatchDecisionRequest(name=decision.name))
    assert await watch.read() == decision
    refusing = risk_check_pb2.ReportOutcomeRequest.OUTCOME_REFUSED
    ended = await service.outcome(decision, refusing)
    assert ended.state == decision_pb2.Decision.STATE_REFUSED
    async with asyncio.timeout(5):
        assert await watch.read() == ended

    case = await service.case(decision)
    by_number = await client.review.GetCase(review_pb2.GetCaseRequest(name=decision.case_number))
    assert by_number == case
    assert case.reasons
    assert all(reason.text for reason in case.reasons)
    assert [event.kind for event in case.events] == ["outcome"]

    late = await refused(
        service.evidence(
            decision, decision_pb2.Evidence(challenge=decision_pb2.CHALLENGE_KIND_RETRY)
        )
    )
    assert late.reason == "STEP_UP_NOT_OPEN"


async def test_a_repeat_gets_the_same_decision_and_another_body_none(service: Whole) -> None:
    request = ordinary()
    decision = await service.assess(request)
    assert await service.assess(request) == decision
    request.sim_change.clerk = "clerk-8"
    assert (await refused(service.assess(request))).reason == "REQUEST_ID_REUSED"


async def test_a_decision_that_there_is_not_is_not_found(service: Whole) -> None:
    get = risk_check_pb2.GetDecisionRequest(name=requests.DECISION)
    assert (await refused(service.client.risk_check.GetDecision(get))).reason == "NOT_FOUND"
    watch = risk_check_pb2.WatchDecisionRequest(name=requests.DECISION)
    watching = service.client.risk_check.WatchDecision(watch)
    assert (await refused(watching.read())).reason == "NOT_FOUND"


async def test_a_service_whose_cache_is_away_at_the_start_answers_step_up(tmp_path: Path) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text(f'[[keys]]\nid = "k1"\nsecret = "{"ab" * 32}"\n')
    away = {"redis_url": "redis://127.0.0.1:1", "keys_file": str(keys)}
    async with (
        opened_with(tmp_path / "data", **away) as service,
        grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel,
    ):
        answer = await Client(channel).risk_check.AssessSimChange(ordinary(), timeout=10)
    assert answer.verdict == STEP_UP
    assert answer.degraded


async def test_a_call_whose_time_is_over_before_the_ledger_leaves_nothing_there(
    tmp_path: Path,
) -> None:
    settings = {"default_timeout_seconds": "0.2", "redis_budget_ms": "1000"}
    async with whole(tmp_path, **settings) as running:
        request = ordinary()
        await running.service.cache.command("CLIENT", "PAUSE", "500", "ALL", timeout=5)
        answer = await refused(running.client.risk_check.AssessSimChange(request, timeout=10))
        assert answer.reason == "DEADLINE_EXCEEDED"
        await until(running.service.ready)
        # Had the first been kept, this would be its repeat: degraded.
        assert not (await running.assess(request)).degraded
