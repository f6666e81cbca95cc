"""Facts about the counter: is the shop known, open, and is the clerk where he should be?"""

from collections.abc import Sequence
from datetime import datetime

from sekisho.application.ports.shops import Shop, UsualRate, WeeklyHours
from sekisho.domain.facts import FactValue
from sekisho.domain.sim_change import Counter

_UNKNOWN_SHOP: dict[str, FactValue] = {
    "shop.known": False,
    "shop.prefecture": "",
    "shop.terminal_known": True,
    "shop.open_now": True,
    "shop.clerk_on_shift": True,
    "shop.usual_tries_24h": 0.0,
    "shop.usual_tries_per_clerk_24h": 0.0,
}


def shop_facts(
    shop: Shop | None, rate: UsualRate | None, counter: Counter, clerk: str, local: datetime
) -> dict[str, FactValue]:
    """Return the shop's facts; `local` is the time in Japan. What the carrier has not told of a
    shop (terminals, hours, shifts) is taken as in order."""
    facts = dict(_UNKNOWN_SHOP)
    if rate is not None:
        facts["shop.usual_tries_24h"] = rate.tries_24h
        facts["shop.usual_tries_per_clerk_24h"] = rate.tries_per_clerk_24h
    if shop is None:
        return facts
    facts["shop.known"] = True
    facts["shop.prefecture"] = shop.prefecture
    facts["shop.terminal_known"] = not shop.terminals or counter.terminal in shop.terminals
    facts["shop.open_now"] = _within(shop.opening_hours, local)
    if shop.clerk_shifts:
        # Once shifts are told, a clerk without one has none.
        shifts = shop.clerk_shifts.get(clerk)
        facts["shop.clerk_on_shift"] = shifts is not None and _within(shifts, local)
    return facts


def _within(hours: Sequence[WeeklyHours], local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    weekday = local.isoweekday()
    return not hours or any(
        span.weekday == weekday and span.opens <= minute < span.closes for span in hours
    )
