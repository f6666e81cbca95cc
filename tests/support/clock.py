"""The moment at which tests take place."""

from datetime import UTC, datetime

NOW = int(datetime(2026, 11, 20, 3, 0, tzinfo=UTC).timestamp()) * 1000
"""Noon in Japan, in Unix milliseconds."""


def clock() -> int:
    """Return NOW."""
    return NOW
