"""The fraud team's figures over the real application."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.v1 import review_figures_pb2, review_queue_pb2
from tests.support import review
from tests.support.review import COUNTER, FRAUD_TEAM, Desk
from tests.support.server import refused
from tests.support.service import whole

DAY = 86_400
FRAUD = review_queue_pb2.DISPOSITION_CONFIRMED_FRAUD
LEGITIMATE = review_queue_pb2.DISPOSITION_LEGITIMATE
Request = review_figures_pb2.GetFiguresRequest


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    given = {
        "database_url": f"sqlite:///{tmp_path / 'ledger.db'}",
        "keys_file": str(review.keys_file(tmp_path)),
    }
    async with whole(tmp_path, **given) as service:
        yield Desk(service, service.client, review.token(tmp_path, "sato"))


async def test_what_analysts_did_stands_in_the_figures(desk: Desk) -> None:
    approved, declined, waiting = [
        await desk.step_up(line, shop) for line, shop in enumerate(("ginza", "ginza", "umeda"))
    ]
    await desk.dispose(await desk.approve(await desk.case(approved)), LEGITIMATE)
    await desk.dispose(await desk.decline(await desk.case(declined)), FRAUD)
    now = waiting.decide_time.seconds
    both = Request(start_time=Timestamp(seconds=now - DAY), end_time=Timestamp(seconds=now + DAY))
    figures = await desk.call("GetFigures", both)
    counts = figures.counts
    assert (counts.decision_count, counts.step_up_count, counts.failed_count) == (3, 3, 1)
    assert (counts.approved_count, counts.declined_count) == (1, 1)
    assert (counts.confirmed_fraud_count, counts.legitimate_count) == (1, 1)
    assert figures.time_to_decision.count == 2
    assert 0 < figures.time_to_decision.p50_ms <= figures.time_to_decision.p99_ms < 60_000
    fired = {rule.code: rule for rule in figures.rules}
    assert set((await desk.case(declined)).reasons) <= fired.keys()
    unread = fired["chip_unread"]
    assert (unread.fired_count, unread.fraud_count, unread.legitimate_count) == (3, 1, 1)
    assert unread.precision == 0.5
    assert {shop.shop: shop.relative_step_up_rate for shop in figures.shops} == {
        "ginza": 1.0,
        "umeda": 1.0,
    }
    assert all(clerk.clerk and clerk.clerk_fingerprint for clerk in figures.clerks)
    waits = {age.queue: age.count for age in figures.queue_ages}
    assert waits[COUNTER] + waits[FRAUD_TEAM] == 1

    both.shop = "umeda"
    only = await desk.call("GetFigures", both)
    assert only.counts.decision_count == 1
    assert [shop.shop for shop in only.shops] == ["umeda"]
    assert not only.shops[0].HasField("relative_step_up_rate")
    assert {rule.code: rule.fired_count for rule in only.rules}["chip_unread"] == 1


@pytest.mark.parametrize(
    ("request_", "fields"),
    [
        (Request(), {"start_time", "end_time"}),
        (Request(start_time=Timestamp(seconds=1_790_000_000)), {"end_time"}),
        (
            Request(
                start_time=Timestamp(seconds=1_790_000_000),
                end_time=Timestamp(seconds=1_790_000_000),
            ),
            {"end_time"},
        ),
        (
            Request(
                start_time=Timestamp(seconds=1_700_000_000),
                end_time=Timestamp(seconds=1_700_000_000 + 367 * DAY),
                shop="x" * 65,
            ),
            {"shop"},
        ),
        (
            Request(
                start_time=Timestamp(seconds=1_700_000_000),
                end_time=Timestamp(seconds=1_700_000_000 + 367 * DAY),
            ),
            {"end_time"},
        ),
        (Request(start_time=Timestamp(seconds=-1), end_time=Timestamp(seconds=-1)),
         {"start_time", "end_time"}),
    ],
)  # fmt: skip
async def test_a_range_that_is_none_is_refused(
    desk: Desk, request_: review_figures_pb2.GetFiguresRequest, fields: set[str]
) -> None:
    answer = await refused(desk.client.review.GetFigures(request_))
    assert answer.violations.keys() >= fields


async def test_every_violation_is_told_at_once(desk: Desk) -> None:
    begin = Timestamp(seconds=1_790_000_000)
    wrong = Request(start_time=begin, end_time=begin, shop="x" * 65)
    answer = await refused(desk.client.review.GetFigures(wrong))
    assert answer.violations.keys() == {"end_time", "shop"}
