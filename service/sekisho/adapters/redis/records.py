"""How tries are stored: a record of fixed width for each key. `tries.lua` reads them."""

from collections.abc import Iterator
from typing import Final

from sekisho.application.ports.cache import Try
from sekisho.domain.velocity import (
    COUNTED,
    RETENTION_MS,
    SHORT_LIVED,
    SHORT_RETENTION_MS,
    Dimension,
    Mark,
)

_PART: Final = 5
"""Bytes of an attribute: they tell the few values within one key apart."""
_ABSENT: Final = b"\0" * _PART
_HEAD: Final = 16
_SLACK_MS: Final = 3_600_000

RETENTION: Final = {
    dimension: _SLACK_MS + (SHORT_RETENTION_MS if dimension in SHORT_LIVED else RETENTION_MS)
    for dimension in Dimension
}
"""How long a record is kept: a little longer than the longest window, so that none is trimmed
while a window of another process, with another clock, still counts it."""

ATTRIBUTES: Final = {d: tuple(COUNTED[d].distinct) for d in Dimension}
"""The attributes that a dimension's records have, in their order."""

WIDTH: Final = {d: _HEAD + _PART * len(ATTRIBUTES[d]) for d in Dimension}
KINDS: Final = {mark: index for index, mark in enumerate(Mark)}
"""The number of a kind of marks, in members and scores."""


def stored_time(at: int) -> bytes:
    """Return Unix ms as stored."""
    return at.to_bytes(6, "big")


def records(attempt: Try) -> Iterator[bytes]:
    """Return a try's record for each of its keys, in their order.

    The byte after the reissue digit ranks records of one try: how many keys it had.
    """
    parts = {a: fingerprint[:_PART] for a, fingerprint in attempt.attributes.items()}
    digit = 0 if attempt.reissue is None else attempt.reissue + 1
    head = stored_time(attempt.at) + attempt.try_id + bytes((digit, min(len(attempt.keys), 255)))
    for dimension, _ in attempt.keys:
        yield head + b"".join([parts.get(a, _ABSENT) for a in ATTRIBUTES[dimension]])
