"""How tries are stored: a record of fixed width for each key. `tries.lua` reads them."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from sekisho.application.ports.cache import Try
from sekisho.domain.velocity import (
    COUNTED,
    RETENTION_MS,
    SHORT_LIVED,
    SHORT_RETENTION_MS,
    Attribute,
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


def records(attempt: Try, along: Sequence[tuple[Dimension, object]] | None = None) -> list[bytes]:
    """Return a try's record for each of its keys, or of those given, in their order.

    The byte after the reissue digit ranks records of one try: how many keys it had.
    """
    parts = _NONE.copy()
    for attribute, fingerprint in attempt.attributes.items():
        parts[attribute] = fingerprint[:_PART]
    digit = 0 if attempt.reissue is None else attempt.reissue + 1
    head = stored_time(attempt.at) + attempt.try_id + bytes((digit, min(len(attempt.keys), 255)))
    return [head + _TAIL[d](parts) for d, _ in (attempt.keys if along is None else along)]


def _tail(attributes: Sequence[Attribute]) -> Callable[[Mapping[Attribute, bytes]], bytes]:
    """Return what puts the parts of these attributes one after the other."""
    if not attributes:
        return lambda _: b""
    pick = itemgetter(*attributes)
    return pick if len(attributes) == 1 else lambda parts: b"".join(pick(parts))


_NONE: Final = dict.fromkeys(Attribute, _ABSENT)
_TAIL: Final = {d: _tail(attributes) for d, attributes in ATTRIBUTES.items()}
