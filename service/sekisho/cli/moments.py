"""Moments for people: Japan time, and how long ago."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

JAPAN = ZoneInfo("Asia/Tokyo")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def moment(stamp: Timestamp, now: datetime | None = None) -> str:
    """Return a moment in Japan time, with its distance from now."""
    then = stamp.ToDatetime(tzinfo=UTC)
    return f"{then.astimezone(JAPAN):%Y-%m-%d %H:%M:%S} JST ({distance(then, now)})"


def distance(then: datetime, now: datetime | None = None) -> str:
    """Return how far a moment is from now, in its largest unit: `in 29 min`, `3 d ago`."""
    seconds = (then - (now or datetime.now(UTC))).total_seconds()
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            count = int(abs(seconds) // size)
            return f"in {count} {unit}" if seconds > 0 else f"{count} {unit} ago"
    return "now"


def parse_moment(text: str) -> Timestamp:
    """Return the moment of an ISO 8601 date or time; without an offset it is Japan time.

    Raises ValueError with what was expected.
    """
    try:
        then = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("expected a date or time such as 2027-03-31 or 2027-03-31T18:00") from None
    stamp = Timestamp()
    stamp.FromDatetime(then if then.tzinfo else then.replace(tzinfo=JAPAN))
    return stamp
