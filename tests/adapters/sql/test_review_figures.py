"""Figures as SQL counts them, beside a count of the same cases by hand."""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.review.figures import figures
from sekisho.adapters.sql.schema import review_case, review_reason, watchlist
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import insert_each
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.figures import FRAUDS, Counts, Figures, Times
from sekisho.domain.review import Disposition, Queue
from tests.adapters.sql.samples import NOW, fingerprint

AnyDatabase = SqliteDatabase | PostgresDatabase
DAY = 86_400_000
JAPAN = ZoneInfo("Asia/Tokyo")
RULES = ("chip_unread", "line_locked", "shop_hopping", "watchlist_hit")


@dataclass(frozen=True)
class Planted:
    """A case as the desk's index holds it."""

    at: int
    shop: str = "ginza"
    clerk: str = ""
    verdict: Verdict = Verdict.ALLOW
    state: DecisionState = DecisionState.ALLOWED
    queue: Queue = Queue.NONE
    degraded: bool = False
    override: bool = False
    missed: bool = False
    disposition: Disposition | None = None
    review: int = 0
    took: int | None = None
    reasons: tuple[str, ...] = ()
    number: int = field(default_factory=itertools.count().__next__)

    @property
    def day(self) -> str:
        return f"{datetime.fromtimestamp(self.at / 1000, JAPAN):%Y-%m-%d}"

    @property
    def id(self) -> bytes:
        return fingerprint(self.number)

    def row(self) -> dict[str, bytes | str | int | float | bool | None]:
        return {
            "decision_id": self.id,
            "decided_at": self.at,
            "expires_at": self.at + 1,
            "risk": 1.0,
            "due_at": None,
            "lease_expires_at": None,
            "reviewed_at": None if self.took is None else self.at + self.took,
            "revision": 0,
            "review_revision": 0,
            "kind": 1,
            "verdict": codes.VERDICT.number[self.verdict],
            "state": codes.STATE.number[self.state],
            "queue": codes.QUEUE.number[self.queue],
            "disposition": codes.DISPOSITION.number[self.disposition] if self.disposition else 0,
            "review": self.review,
            "degraded": self.degraded,
            "override": self.override,
            "escalated": False,
            "missed": self.missed,
            "case_number": "ABCD2345",
            "shop": self.shop,
            "terminal": "t1",
            "line": "+8190****1234",
            "reasons": f" {' '.join(self.reasons)} " if self.reasons else "",
            "open_challenges": b"",
            "assignee": "",
            "group_id": "",
            "clerk": fingerprint(self.shop, self.clerk) if self.clerk else b"",
            "clerk_masked": f"****{self.clerk}" if self.clerk else "",
        }


async def plant(database: AnyDatabase, cases: Sequence[Planted]) -> None:
    insert, fire = insert_each(review_case), insert_each(review_reason)

    def script() -> Script[None]:
        for start in range(0, len(cases), 500):
            some = cases[start : start + 500]
            yield insert.each([case.row() for case in some])
            yield fire.each(
                [
                    {"code": code, "decided_at": case.at, "decision_id": case.id}
                    for case in some
                    for code in case.reasons
                ]
            )

    await database.write(script)


async def counted(
    database: AnyDatabase, start: int, end: int, shop: str = "", now: int = NOW
) -> Figures:
    return await database.read(lambda: figures(start, end, shop, now), snapshot=True)


def naive_counts(cases: Sequence[Planted]) -> Counts:
    """Count one case at a time."""

    def many(holds: Callable[[Planted], bool]) -> int:
        return sum(1 for case in cases if holds(case))

    return Counts(
        decisions=len(cases),
        step_ups=many(lambda c: c.verdict is Verdict.STEP_UP),
        degraded=many(lambda c: c.degraded),
        failed=many(lambda c: c.state is DecisionState.STEP_UP_FAILED),
        overrides=many(lambda c: c.override),
        approved=many(lambda c: c.review == 1),
        declined=many(lambda c: c.review == 2),
        confirmed_fraud=many(lambda c: c.disposition is Disposition.CONFIRMED_FRAUD),
        suspected=many(lambda c: c.disposition is Disposition.SUSPECTED),
        legitimate=many(lambda c: c.disposition is Disposition.LEGITIMATE),
        missed=many(lambda c: c.missed),
    )


def smallest(values: Sequence[int], share: float) -> int:
    """Return the smallest value of which at least a share is no greater."""
    enough = [v for v in values if sum(w <= v for w in values) >= share * len(values) - 1e-9]
    return min(enough, default=0)


def some_case(rng: random.Random) -> Planted:
    review = rng.choice((0, 0, 1, 2))
    return Planted(
        at=NOW - rng.randrange(6 * DAY),
        shop=rng.choice(("ginza", "umeda", "sakae")),
        clerk=rng.choice(("", "1", "2", "3")),
        verdict=rng.choice(tuple(Verdict)),
        state=rng.choice(tuple(DecisionState)),
        queue=rng.choice(tuple(Queue)),
        degraded=rng.random() < 0.2,
        override=rng.random() < 0.1,
        missed=rng.random() < 0.1,
        disposition=rng.choice((None, *Disposition)),
        review=review,
        took=rng.randrange(100) * 1000 if review else None,
        reasons=tuple(rng.sample(RULES, rng.randrange(4))),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shop", ["", "umeda"])
async def test_sql_counts_what_counting_one_by_one_gives(
    database: AnyDatabase, seed: int, shop: str
) -> None:
    rng = random.Random(seed)
    every = [some_case(rng) for _ in range(rng.choice((1, 40, 600)))]
    await plant(database, every)
    start, end = NOW - 5 * DAY, NOW - DAY // 3
    found = await counted(database, start, end, shop)
    here = [case for case in every if shop in {"", case.shop}]
    cases = [case for case in here if start <= case.at < end]

    assert found.counts == naive_counts(cases)
    first = datetime.fromtimestamp(start / 1000, JAPAN)
    last = datetime.fromtimestamp((end - 1) / 1000, JAPAN)
    days = (last.date() - first.date()).days + 1
    dates = [f"{first + timedelta(days=number):%Y-%m-%d}" for number in range(days)]
    assert list(found.days) == [
        (date, naive_counts([case for case in cases if case.day == date])) for date in dates
    ]

    rules = {each.code: (each.fired, each.fraud, each.legitimate) for each in found.rules}
    fired = Counter(code for case in cases for code in case.reasons)
    assert rules == {
        code: (
            count,
            sum(code in case.reasons and case.disposition in FRAUDS for case in cases),
            sum(
                code in case.reasons and case.disposition is Disposition.LEGITIMATE
                for case in cases
            ),
        )
        for code, count in fired.items()
    }
    assert [each.fired for each in found.rules] == sorted(fired.values(), reverse=True)

    shops = {each.counted.shop: each.counted.counts for each in found.shops}
    assert shops == {
        name: naive_counts([case for case in cases if case.shop == name])
        for name in {case.shop for case in cases}
    }
    clerks = {(each.counted.shop, each.counted.clerk_masked): each for each in found.clerks}
    by_clerk = {
        key: naive_counts([case for case in cases if (case.shop, f"****{case.clerk}") == key])
        for key in {(case.shop, f"****{case.clerk}") for case in cases if case.clerk}
    }
    assert {key: each.counted.counts for key, each in clerks.items()} == by_clerk
    for key, each in clerks.items():
        rates = [c.step_ups / c.decisions for other, c in by_clerk.items() if other != key]
        usual = median(rates) if rates else 0
        own = by_clerk[key].step_ups / by_clerk[key].decisions
        assert each.relative_step_ups == (pytest.approx(own / usual) if usual else None)

    took = [case.took for case in cases if case.took is not None]
    shares = (smallest(took, share) for share in (0.5, 0.9, 0.99))
    assert found.time_to_decision == Times(len(took), *shares)
    for age in found.queue_ages:
        ages = [NOW - case.at for case in here if case.queue is age.queue]
        assert (age.count, age.oldest, age.p50) == (
            len(ages),
            max(ages, default=0),
            smallest(ages, 0.5),
        )
    assert {age.queue for age in found.queue_ages} == set(Queue) - {Queue.NONE}


async def test_a_day_begins_and_ends_at_midnight_in_japan(database: AnyDatabase) -> None:
    midnight = int(datetime(2026, 9, 21, tzinfo=JAPAN).timestamp()) * 1000
    await plant(database, [Planted(midnight - 1), Planted(midnight), Planted(midnight + DAY - 1)])
    found = await counted(database, midnight - DAY, midnight + DAY)
    assert [(day, each.decisions) for day, each in found.days] == [
        ("2026-09-20", 1),
        ("2026-09-21", 2),
    ]
    only = await counted(database, midnight, midnight + 1)
    assert [(day, each.decisions) for day, each in only.days] == [("2026-09-21", 1)]


async def test_a_range_without_a_decision_has_its_days_and_nothing_else(
    database: AnyDatabase,
) -> None:
    found = await counted(database, NOW - 365 * DAY, NOW)
    assert found.counts == Counts()
    assert len(found.days) in {365, 366}
    assert {counts for _, counts in found.days} == {Counts()}
    assert (found.rules, found.shops, found.clerks) == ([], [], [])
    assert found.time_to_decision == Times()


async def test_figures_worked_out_by_hand(database: AnyDatabase) -> None:
    step_up, failed = Verdict.STEP_UP, DecisionState.STEP_UP_FAILED
    fraud, honest = Disposition.CONFIRMED_FRAUD, Disposition.LEGITIMATE
    ginza: dict[str, Any] = {"at": NOW - DAY, "clerk": "1", "verdict": step_up}
    umeda: dict[str, Any] = {"at": NOW - DAY, "clerk": "2", "shop": "umeda"}
    await plant(
        database,
        [
            Planted(**ginza, state=failed, review=2, took=60_000, disposition=fraud,
                    reasons=("a", "b")),
            Planted(**ginza, review=1, took=20_000, disposition=honest, reasons=("a",)),
            Planted(**umeda, disposition=fraud, missed=True),
            Planted(**umeda),
            Planted(**umeda, verdict=step_up, state=DecisionState.STEP_UP_OPEN,
                    queue=Queue.FRAUD_TEAM, degraded=True, reasons=("b",)),
            Planted(**umeda, override=True, state=DecisionState.COMPLETED,
                    queue=Queue.AFTERWARDS),
        ],
    )  # fmt: skip
    found = await counted(database, NOW - 2 * DAY, NOW)
    assert found.counts == Counts(
        decisions=6, step_ups=3, degraded=1, failed=1, overrides=1, approved=1, declined=1,
        confirmed_fraud=2, suspected=0, legitimate=1, missed=1,
    )  # fmt: skip
    assert [(rule.code, rule.fired, rule.precision) for rule in found.rules] == [
        ("a", 2, 0.5),
        ("b", 2, 1.0),
    ]
    assert found.time_to_decision == Times(2, 20_000, 60_000, 60_000)
    high, low = found.shops
    assert (high.counted.shop, high.relative_step_ups) == ("ginza", 4.0)
    assert (low.counted.shop, low.relative_step_ups) == ("umeda", 0.25)
    assert low.relative_overrides == pytest.approx((2 / 5) / (1 / 3))
    ages = {age.queue: (age.count, age.oldest) for age in found.queue_ages}
    assert ages[Queue.FRAUD_TEAM] == ages[Queue.AFTERWARDS] == (1, DAY)
    assert ages[Queue.COUNTER] == (0, 0)


async def test_every_watchlist_tells_how_old_it_is(database: AnyDatabase) -> None:
    names = ("mules", "banks")

    def script() -> Script[None]:
        yield insert_each(watchlist).each(
            [
                {
                    "id": name,
                    "number": number,
                    "set_id": number,
                    "display_name": "",
                    "description": "",
                    "version": 1,
                    "entry_count": number * 10,
                    "created_at": NOW,
                    "updated_at": NOW + number,
                }
                for number, name in enumerate(names, 1)
            ]
        )

    await database.write(script)
    found = await counted(database, NOW - DAY, NOW)
    assert list(found.watchlists) == [("banks", NOW + 2, 20), ("mules", NOW + 1, 10)]
