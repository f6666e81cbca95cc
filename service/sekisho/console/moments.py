"""Moments as people read them: in the analyst's zone, and how long ago."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.console.texts import Text

_STEPS: Final = (("d", 2 * 86_400, 86_400), ("h", 2 * 3_600, 3_600), ("m", 60, 60))
"""Each unit, from how many seconds on it is used, and its length: 90 minutes are told so."""


def moment_of(stamp: Timestamp) -> datetime:
    """Return a proto's moment."""
    return stamp.ToDatetime(UTC)


def stamp_of(moment: datetime) -> Timestamp:
    """Return a moment as the proto has it."""
    stamp = Timestamp()
    stamp.FromDatetime(moment.astimezone(UTC))
    return stamp


def machine(moment: datetime) -> str:
    """Return a moment as scripts and `<time>` take it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment in full, `2026-11-26 22:14:05`."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def span(seconds: float, text: Text, kind: str) -> str:
    """Return a length of time in one unit. `kind` is ago, left, over or long."""
    whole = int(abs(seconds))
    for unit, least, length in _STEPS:
        if whole >= least:
            return text(f"moments.{kind}_{unit}", n=whole // length)
    return text(f"moments.{kind}_s", n=whole)


def ago(moment: datetime, now: datetime, text: Text) -> str:
    """Return how long ago a moment was."""
    return span(max((now - moment).total_seconds(), 0), text, "ago")


def left(moment: datetime, now: datetime, text: Text) -> str:
    """Return how long it is to a moment, or how long past it."""
    seconds = (moment - now).total_seconds()
    return span(seconds, text, "left" if seconds >= 0 else "over")
