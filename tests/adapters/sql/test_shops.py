import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sekisho.adapters.sql import usual_rates
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import counted_day, shop_day
from sekisho.adapters.sql.shops import SqlShops
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.application.ports.shops import Shop, UsualRate, WeeklyHours
from sekisho.domain.errors import NotFoundError, RequestIdReusedError
from sekisho.domain.velocity import DAY_MS, HOUR_MS
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase

MIDNIGHT = usual_rates.start_of(usual_rates.day_of(samples.NOW))
"""The beginning of a day in Japan."""

GINZA = Shop(
    id="ginza",
    display_name="銀座店",
    prefecture="JP-13",
    opening_hours=(WeeklyHours(1, 600, 1200), WeeklyHours(2, 600, 1440)),
    terminals=frozenset({"t1", "t2"}),
    clerk_shifts={"c1": (WeeklyHours(1, 600, 900),), "c2": ()},
)
OSAKA = Shop("osaka", "大阪店", "JP-27")


@pytest.fixture
def shops(database: AnyDatabase) -> SqlShops:
    return SqlShops(database)


async def replaced(shops: SqlShops, *every: Shop) -> tuple[int, int, int]:
    return await shops.replace(samples.once("admin"), every, samples.NOW)


async def tries(database: AnyDatabase, moments: Sequence[tuple[str, str, int]]) -> None:
    ledger = SqlDecisions(database)
    for number, (shop, clerk, at) in enumerate(moments):
        await ledger.record(samples.decision((number, at), shop=shop, clerk=clerk, at=at))


async def test_a_shop_is_known_as_it_was_imported(shops: SqlShops) -> None:
    assert await replaced(shops, GINZA, OSAKA) == (2, 0, 0)
    assert await shops.get("ginza") == GINZA
    assert await shops.get("osaka") == OSAKA
    _, every, rates = await shops.all()
    assert (every, rates) == ({"ginza": GINZA, "osaka": OSAKA}, {})
    with pytest.raises(NotFoundError):
        await shops.get("nowhere")


async def test_an_import_replaces_all_shops(shops: SqlShops) -> None:
    await replaced(shops, GINZA, OSAKA)
    moved = replace(OSAKA, prefecture="JP-28")
    kobe = Shop("kobe", "神戸店", "JP-28")
    assert await replaced(shops, moved, kobe) == (1, 1, 1)
    assert (await shops.all())[1] == {"osaka": moved, "kobe": kobe}


async def test_shops_come_by_id_after_the_given_one(shops: SqlShops) -> None:
    await replaced(shops, *(Shop(name, "", "JP-13") for name in "cab"))
    assert [each.id for each in await shops.list("", 2)] == ["a", "b"]
    assert [each.id for each in await shops.list("b", 2)] == ["c"]


async def test_a_repeat_of_an_import_changes_nothing(shops: SqlShops) -> None:
    once = samples.once("admin")
    assert await shops.replace(once, [GINZA], samples.NOW) == (1, 0, 0)
    await replaced(shops, OSAKA)
    assert await shops.replace(once, [GINZA], samples.NOW) == (1, 0, 0)
    assert [each.id for each in await shops.list("", 9)] == ["osaka"]
    with pytest.raises(RequestIdReusedError):
        await shops.replace(replace(once, body_digest=b""), [OSAKA], samples.NOW)


async def test_the_revision_moves_with_shops_and_with_rates(
    shops: SqlShops, database: AnyDatabase
) -> None:
    seen = {await shops.revision()}
    await replaced(shops, GINZA)
    seen.add(await shops.revision())
    await tries(database, [("ginza", "c1", MIDNIGHT)])
    assert await shops.count_days(MIDNIGHT + 2 * DAY_MS) == 1
    seen.add(await shops.revision())
    assert len(seen) == 3
    assert (await shops.all())[0] == await shops.revision()
    assert await shops.count_days(MIDNIGHT + 2 * DAY_MS) == 0
    assert await shops.revision() in seen


async def test_usual_rates_are_means_of_the_days_since_the_first(
    shops: SqlShops, database: AnyDatabase
) -> None:
    noon = MIDNIGHT + 12 * HOUR_MS
    await tries(
        database,
        [
            *(("ginza", clerk, noon) for clerk in ("c1", "c1", "c2", "c1")),
            ("ginza", "c1", noon + DAY_MS),
            ("ginza", "c2", noon + DAY_MS),
            ("osaka", "c9", noon + DAY_MS),
        ],
    )
    assert await shops.count_days(noon + 2 * DAY_MS) == 2
    rates = (await shops.all())[2]
    assert rates == {"ginza": UsualRate(3.0, 1.5), "osaka": UsualRate(1.0, 1.0)}
    # A third day, on which nobody came, is over too.
    assert await shops.count_days(noon + 3 * DAY_MS) == 1
    assert (await shops.all())[2]["ginza"] == UsualRate(2.0, 1.5)


async def test_a_day_runs_from_midnight_to_midnight_in_japan(
    shops: SqlShops, database: AnyDatabase
) -> None:
    await tries(
        database,
        [
            ("ginza", "before", MIDNIGHT - 1),
            ("ginza", "first", MIDNIGHT),
            ("ginza", "last", MIDNIGHT + DAY_MS - 1),
            ("ginza", "after", MIDNIGHT + DAY_MS),
        ],
    )
    day = usual_rates.day_of(MIDNIGHT)
    assert await usual_rates.tries_of(database, day) == {"ginza": (2, 2)}
    # Not before nothing of it can still be on its way.
    assert await shops.count_days(MIDNIGHT + DAY_MS) == 1
    assert await shops.count_days(MIDNIGHT + DAY_MS + 60_000) == 1


async def test_rows_a_little_out_of_order_are_counted(database: AnyDatabase) -> None:
    noon = MIDNIGHT + 12 * HOUR_MS
    moments = [noon + step * HOUR_MS // 4 + (step % 7) * 5_000 for step in range(-100, 100)]
    await tries(database, [("ginza", "c1", at) for at in moments])
    day = usual_rates.day_of(MIDNIGHT)
    expected = sum(usual_rates.day_of(at) == day for at in moments)
    assert await usual_rates.tries_of(database, day) == {"ginza": (expected, 1)}


async def test_more_tries_than_a_page_are_counted(database: AnyDatabase) -> None:
    await tries(database, [("ginza", f"c{n % 3}", MIDNIGHT + n) for n in range(450)])
    day = usual_rates.day_of(MIDNIGHT)
    assert await usual_rates.tries_of(database, day) == {"ginza": (450, 3)}


async def test_rates_are_of_28_days(shops: SqlShops, database: AnyDatabase) -> None:
    await tries(
        database,
        [
            ("closed", "c1", MIDNIGHT),
            ("ginza", "c1", MIDNIGHT),
            ("ginza", "c1", MIDNIGHT + 28 * DAY_MS),
        ],
    )
    assert await shops.count_days(MIDNIGHT + 10 * DAY_MS) == 9
    assert await shops.count_days(MIDNIGHT + 30 * DAY_MS) == 20
    assert (await shops.all())[2] == {"ginza": UsualRate(1.0, 1.0)}
    assert await count(database, shop_day) == 1


async def test_an_old_ledger_is_counted_for_28_days_only(
    shops: SqlShops, database: AnyDatabase
) -> None:
    await tries(database, [("ginza", "c1", MIDNIGHT - 400 * DAY_MS), ("ginza", "c1", MIDNIGHT)])
    assert await shops.count_days(MIDNIGHT + DAY_MS + HOUR_MS) == 28
    assert (await shops.all())[2] == {"ginza": UsualRate(1.0, 1.0)}


async def test_there_is_nothing_to_count_in_an_empty_ledger(shops: SqlShops) -> None:
    assert await shops.count_days(samples.NOW) == 0


async def test_two_workers_count_a_day_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        await tries(one, [("ginza", "c1", MIDNIGHT)])
        counted = await asyncio.gather(
            SqlShops(one).count_days(MIDNIGHT + 3 * DAY_MS),
            SqlShops(two).count_days(MIDNIGHT + 3 * DAY_MS),
        )
        assert sum(counted) == await count(one, counted_day)
        assert await count(one, shop_day) == 1
