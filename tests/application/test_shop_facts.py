"""Facts about the counter."""

from datetime import datetime

import pytest

from sekisho.application.ports.shops import Shop, UsualRate, WeeklyHours
from sekisho.application.shop_facts import shop_facts
from sekisho.domain.facts import FACTS
from sekisho.domain.sim_change import Counter

MONDAY = 1
SHOP = Shop(
    id="ginza",
    display_name="銀座",
    prefecture="JP-13",
    opening_hours=(WeeklyHours(MONDAY, 600, 1200),),
    terminals=frozenset({"t1"}),
    clerk_shifts={"c1": (WeeklyHours(MONDAY, 600, 900),)},
)


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 6, day, hour, minute)  # noqa: DTZ001 - local time of the shop


def facts(shop: Shop | None, terminal: str, clerk: str, local: datetime) -> dict[str, object]:
    return dict(shop_facts(shop, None, Counter("ginza", terminal), clerk, local))


def test_every_shop_fact_is_always_known() -> None:
    declared = {name for name in FACTS if name.startswith("shop.")}
    assert set(facts(None, "t1", "c1", at(10))) == declared
    assert set(facts(SHOP, "t1", "c1", at(10))) == declared


def test_an_unknown_shop_says_so_and_speaks_against_nothing_else() -> None:
    unknown = facts(None, "t9", "c9", at(3))
    assert unknown["shop.known"] is False
    assert unknown["shop.terminal_known"] is True
    assert unknown["shop.open_now"] is True


def test_a_terminal_of_another_shop_is_noticed() -> None:
    assert facts(SHOP, "t1", "c1", at(10))["shop.terminal_known"] is True
    assert facts(SHOP, "t2", "c1", at(10))["shop.terminal_known"] is False


@pytest.mark.parametrize(
    ("local", "opened"),
    [
        (at(9, 59), False),
        (at(10), True),
        (at(19, 59), True),
        (at(20), False),
        (at(10, day=2), False),
    ],
)
def test_opening_hours_begin_at_the_minute_and_end_before_it(local: datetime, opened: bool) -> None:
    assert facts(SHOP, "t1", "c1", local)["shop.open_now"] is opened


def test_a_clerk_without_a_shift_is_off_shift_once_shifts_are_told() -> None:
    assert facts(SHOP, "t1", "c1", at(10))["shop.clerk_on_shift"] is True
    assert facts(SHOP, "t1", "c1", at(16))["shop.clerk_on_shift"] is False
    assert facts(SHOP, "t1", "c2", at(10))["shop.clerk_on_shift"] is False
    untold = Shop("ginza", "", "JP-13")
    assert facts(untold, "t1", "c2", at(3))["shop.clerk_on_shift"] is True


def test_the_usual_rate_is_the_ledgers() -> None:
    rate = UsualRate(tries_24h=12.5, tries_per_clerk_24h=4.0)
    known = shop_facts(SHOP, rate, Counter("ginza", "t1"), "c1", at(10))
    assert known["shop.usual_tries_24h"] == 12.5
    assert known["shop.usual_tries_per_clerk_24h"] == 4.0
