"""Shops, from the proto and back."""

from collections.abc import Iterable, Mapping

from sekisho.application.ports.shops import Shop, WeeklyHours
from sekisho.domain import identifiers
from sekisho.rpc.convert import names
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import shop_pb2

MOST_NAME_CHARACTERS = 200


def shops(violations: Violations, messages: Iterable[shop_pb2.Shop]) -> list[Shop]:
    """Return the shops in the request's field `shops`."""
    made: list[Shop] = []
    seen: set[str] = set()
    for index, message in enumerate(messages):
        shop = _shop(violations, f"shops[{index}].", message)
        if shop.id in seen:
            violations.add(f"shops[{index}].name", "expected each shop only once")
        seen.add(shop.id)
        made.append(shop)
    return made


def _shop(violations: Violations, prefix: str, message: shop_pb2.Shop) -> Shop:
    shifts: dict[str, tuple[WeeklyHours, ...]] = {}
    for index, each in enumerate(message.clerk_shifts):
        field = f"{prefix}clerk_shifts[{index}]"
        clerk = violations.read(f"{field}.clerk", identifiers.actor_id, each.clerk, "")
        if clerk in shifts:
            violations.add(f"{field}.clerk", "expected each clerk only once")
        shifts[clerk] = _hours(violations, f"{field}.shifts", each.shifts)
    return Shop(
        id=violations.read(f"{prefix}name", names.shop_id, message.name, ""),
        display_name=violations.read(
            f"{prefix}display_name", _display_name, message.display_name, ""
        ),
        prefecture=message.prefecture,
        opening_hours=_hours(violations, f"{prefix}opening_hours", message.opening_hours),
        terminals=frozenset(
            violations.read(f"{prefix}terminals[{index}]", identifiers.actor_id, terminal, "")
            for index, terminal in enumerate(message.terminals)
        ),
        clerk_shifts=shifts or None,
    )


def _display_name(raw: str) -> str:
    return identifiers.free_text(raw, MOST_NAME_CHARACTERS)


def _hours(
    violations: Violations, field: str, messages: Iterable[shop_pb2.WeeklyHours]
) -> tuple[WeeklyHours, ...]:
    spans: list[WeeklyHours] = []
    for index, message in enumerate(messages):
        span = WeeklyHours(
            message.weekday,
            violations.read(f"{field}[{index}].open", _minutes, message.open, 0),
            violations.read(f"{field}[{index}].close", _minutes, message.close, 24 * 60),
        )
        if span.closes <= span.opens:
            violations.add(f"{field}[{index}].close", "expected a time later than the start")
        spans.append(span)
    return tuple(spans)


def _minutes(raw: str) -> int:
    """Return the minutes of HH:MM, which is its form by the proto's own rule."""
    hours, _, minutes = raw.partition(":")
    return int(hours) * 60 + int(minutes)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def to_proto(shop: Shop) -> shop_pb2.Shop:
    """Return a shop as the API shows it."""
    shifts: Mapping[str, tuple[WeeklyHours, ...]] = shop.clerk_shifts or {}
    return shop_pb2.Shop(
        name=names.shop_name(shop.id),
        display_name=shop.display_name,
        prefecture=shop.prefecture,
        opening_hours=[_hours_to_proto(span) for span in shop.opening_hours],
        terminals=sorted(shop.terminals),
        clerk_shifts=[
            shop_pb2.ClerkShifts(clerk=clerk, shifts=[_hours_to_proto(span) for span in spans])
            for clerk, spans in sorted(shifts.items())
        ],
    )


def _hours_to_proto(span: WeeklyHours) -> shop_pb2.WeeklyHours:
    return shop_pb2.WeeklyHours(
        weekday=span.weekday, open=_time(span.opens), close=_time(span.closes)
    )
