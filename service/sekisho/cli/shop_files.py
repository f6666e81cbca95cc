"""The carrier's shops as files: TOML, CSV or JSON.

TOML, one table a shop; hours are texts such as `mon-fri 10:00-20:00` or `sat,sun 10:00-19:00`:

    [[shops]]
    id = "nagoya-sakae"
    display_name = "名古屋栄店"
    prefecture = "JP-23"
    terminals = ["t1", "t2"]
    hours = ["mon-fri 10:00-20:00", "sat,sun 10:00-19:00"]
    [shops.shifts]
    c-1021 = ["mon-fri 10:00-15:00"]

CSV has the columns id, display_name, prefecture, terminals and hours; several terminals or hours
in one cell are separated by semicolons. JSON is protobuf's mapping of ImportShopsRequest.
"""

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from google.protobuf import json_format

from sekisho.cli.failures import CommandError
from sekisho.cli.requests import read_text
from sekisho.v1.shop_pb2 import ClerkShifts, ImportShopsRequest, Shop, WeeklyHours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = "|".join(_DAYS)
_HOURS = re.compile(
    rf"(?P<days>(?:{_DAY})(?:-(?:{_DAY}))?(?:,(?:{_DAY})(?:-(?:{_DAY}))?)*)"
    r" (?P<open>\d\d:\d\d)-(?P<close>\d\d:\d\d)"
)
_KEYS = frozenset({"id", "display_name", "prefecture", "terminals", "hours", "shifts"})


def read(path: Path) -> list[Shop]:
    """Read shops from a file; its suffix tells the format. Raises CommandError."""
    readers = {".toml": _toml, ".csv": _csv, ".json": _json}
    if path.suffix not in readers:
        raise CommandError(f"{path}: expected a .toml, .csv or .json file")
    try:
        shops = readers[path.suffix](read_text(str(path)))
    except ValueError as error:
        raise CommandError(f"{path}: {error}") from None
    if not shops:
        raise CommandError(f"{path}: holds no shop")
    return shops


def weekly_hours(text: str) -> list[WeeklyHours]:
    """Read `mon-fri 10:00-20:00`. Raises ValueError."""
    found = _HOURS.fullmatch(" ".join(text.lower().split()))
    if not found:
        raise ValueError(f"expected hours such as mon-fri 10:00-20:00, got {text!r}")
    if found["close"] <= found["open"]:
        raise ValueError(f"hours end after they begin, and at 24:00 at the latest: {text!r}")
    days: set[int] = set()
    for span in found["days"].split(","):
        first, _, last = span.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        # fri-mon goes over the end of the week.
        days.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return [
        WeeklyHours(weekday=day + 1, open=found["open"], close=found["close"])
        for day in sorted(days)
    ]


def _toml(text: str) -> list[Shop]:
    content = tomllib.loads(text)
    if set(content) != {"shops"} or not isinstance(content["shops"], list):
        raise ValueError("expected [[shops]] tables and nothing beside them")
    return [_shop(number, table) for number, table in enumerate(content["shops"], 1)]


def _csv(text: str) -> list[Shop]:
    shops = []
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), 1):
        if None in row or None in row.values():
            raise ValueError(f"shop {number}: has more or fewer columns than the header")
        lists = {
            name: [part.strip() for part in row.pop(name, "").split(";") if part.strip()]
            for name in ("terminals", "hours")
        }
        shops.append(_shop(number, row | lists))
    return shops


def _json(text: str) -> list[Shop]:
    try:
        return list(json_format.Parse(text, ImportShopsRequest()).shops)
    except json_format.ParseError as error:
        raise ValueError(f"is not an ImportShopsRequest in JSON: {error}") from None


def _shop(number: int, table: object) -> Shop:
    if not isinstance(table, Mapping):
        raise ValueError("expected [[shops]] tables")
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        known = ", ".join(sorted(_KEYS))
        raise ValueError(f"shop {number}: unknown {', '.join(unknown)}; expected {known}")
    try:
        shifts = table.get("shifts", {})
        if not isinstance(shifts, Mapping):
            raise ValueError("shifts: expected a table of clerks")
        return Shop(
            name=f"shops/{_text(table, 'id')}",
            display_name=_text(table, "display_name"),
            prefecture=_text(table, "prefecture"),
            terminals=_texts(table, "terminals"),
            opening_hours=_hours(_texts(table, "hours")),
            clerk_shifts=[
                ClerkShifts(clerk=clerk, shifts=_hours(_texts(shifts, clerk))) for clerk in shifts
            ],
        )
    except ValueError as error:
        raise ValueError(f"shop {number}: {error}") from None


def _hours(texts: Iterable[str]) -> list[WeeklyHours]:
    return [hours for text in texts for hours in weekly_hours(text)]


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected text")
    return value


def _texts(table: Mapping[str, object], name: str) -> list[str]:
    values = table.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{name}: expected a list of texts")
    return values
