"""Moments and days: google.protobuf.Timestamp and text to Unix milliseconds and dates."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.domain import identifiers
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.rpc.convert.violations import Violations

FIRST_MS: Final = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1000
LAST_MS: Final = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * 1000 - 1

CLOCKS_DIFFER_MS: Final = 5 * 60_000
"""How far ahead of ours another system's clock may be."""

_JAPAN_AHEAD_MS = 9 * 3_600_000
_DAY_MS = 86_400_000
_LARGEST_NANOS = 999_999_999


def to_ms(moment: Timestamp) -> int:
    """Return Unix milliseconds. Raises MalformedIdentifierError outside the years 1990 to 2100."""
    milliseconds = moment.seconds * 1000 + moment.nanos // 1_000_000
    if not (FIRST_MS <= milliseconds <= LAST_MS and 0 <= moment.nanos <= _LARGEST_NANOS):
        raise MalformedIdentifierError("expected a time in the years 1990 to 2100")
    return milliseconds


def past_ms(violations: Violations, field: str, moment: Timestamp, now: int) -> int:
    """Return Unix milliseconds of something that has happened; add a violation where it has not."""
    milliseconds = violations.read(field, to_ms, moment, now)
    if milliseconds > now + CLOCKS_DIFFER_MS:
        violations.add(field, "expected a time that is not in the future")
    return milliseconds


def day(violations: Violations, field: str, raw: str) -> date | None:
    """Return a date, None where none is given."""
    return violations.read(field, identifiers.iso_date, raw, None) if raw else None


def past_day(violations: Violations, field: str, raw: str, today: date) -> date | None:
    """Return a date that has come, None where none is given."""
    value = day(violations, field, raw)
    if value is not None and value > today:
        violations.add(field, "expected a date that is not in the future")
    return value


def today_in_japan(now: int) -> date:
    """Return the day in Japan at `now`, Unix milliseconds."""
    return _day_of((now + _JAPAN_AHEAD_MS) // _DAY_MS)


@lru_cache(maxsize=4)
def _day_of(days: int) -> date:
    return date(1970, 1, 1) + timedelta(days=days)


def from_ms(milliseconds: int) -> Timestamp:
    """Return the moment that `milliseconds` names."""
    seconds, rest = divmod(milliseconds, 1000)
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000)
