"""The cache as an assessment uses it: one script call."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.adapters.redis.scripts import OBSERVE
from sekisho.application.ports.cache import (
    Coverage,
    IndexMark,
    KeyCounts,
    LineKnowledge,
    Observation,
    Observed,
)
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.errors import CacheUnavailableError
from sekisho.domain.velocity import COUNTED, MOST_TRIES, WINDOWS, Attribute, Dimension, Mark

SKEW_MS = 2_000
"""The cache's clock and ours may differ by this much."""
FRESH_MS = 2_000
"""A tag that has not followed the ledger for longer is behind it."""

_WINDOW_MS = tuple(WINDOWS.values())
_ORDER = {attribute: index for index, attribute in enumerate(Attribute)}
_ATTRIBUTES = {d: tuple(COUNTED[d].distinct) for d in Dimension}
_ITEM = {d: (keys.RETENTION[d], tuple(_ORDER[a] for a in _ATTRIBUTES[d])) for d in Dimension}
_MARKS = (Mark.STEP_UP, Mark.FAILURE, Mark.COMPLETED, Mark.OVERRIDE)
_ENCODER = msgspec.msgpack.Encoder()
_Row = tuple[list[int], list[list[int]], list[list[int]], int, int, int, int]
_ROWS = msgspec.msgpack.Decoder(list[_Row])

# A service sees few distinct marks: all tags move together.
_coverage = lru_cache(maxsize=1024)(keys.unpack_coverage)
_index_mark = lru_cache(maxsize=1024)(keys.unpack_index_mark)


class RedisCache:
    """Implements Cache on one Redis or Valkey."""

    def __init__(self, connection: Connection, eviction: EvictionWatch) -> None:
        self._connection = connection
        self._eviction = eviction

    async def observe(self, observation: Observation, timeout: float) -> Observed:
        """Count the try and read what the assessment needs. Never raises."""
        attempt = observation.attempt
        tags = tuple(
            dict.fromkeys(
                (
                    *(fingerprint[0] for _, fingerprint in attempt.keys),
                    observation.line[0],
                    *(watched.fingerprint[0] for watched in observation.watched),
                )
            )
        )
        nonce = os.urandom(8)
        try:
            answer = await self._connection.call(
                (OBSERVE, _keys(observation, tags), _arguments(observation, tags, nonce)),
                timeout,
            )
        except CacheUnavailableError:
            return _nothing(observation, MissingCause.CACHE_UNAVAILABLE)
        if not isinstance(answer, list) or answer[0] != nonce:
            # An answer to somebody else's question: nothing on this connection can be trusted.
            await self._connection.drop()
            return _nothing(observation, MissingCause.CACHE_UNAVAILABLE)
        if answer[1] == b"skewed":
            return _nothing(observation, MissingCause.CACHE_SKEWED)
        return self._observed(observation, tags, answer)

    def _observed(
        self, observation: Observation, tags: Sequence[int], answer: Sequence[Any]
    ) -> Observed:
        _, packed, line, coverage, lists, held = answer
        marks = {
            tag: _coverage(stored)
            for tag, stored in zip(tags, coverage, strict=True)
            if stored is not None
        }
        missing: list[MissingSignal] = []
        counts: tuple[KeyCounts, ...] = ()
        if self._eviction.possible:
            missing.extend(
                MissingSignal(f"velocity.{dimension}", MissingCause.CACHE_MAY_EVICT)
                for dimension in dict.fromkeys(d for d, _ in observation.attempt.keys)
            )
        else:
            counts = tuple(
                _counts(dimension, row, _covered_from(marks.get(fingerprint[0]), observation.now))
                for (dimension, fingerprint), row in zip(
                    observation.attempt.keys, _ROWS.decode(packed), strict=True
                )
            )
        known, unknown = self._line(observation, marks, line)
        missing.extend(unknown)
        loaded = _loaded(lists)
        if loaded is None or self._eviction.possible:
            loaded = None
            missing.append(MissingSignal("watchlist", MissingCause.WATCHLIST_NOT_LOADED))
        return Observed(
            counts=counts,
            line=known,
            watch_candidates=tuple(
                watched for watched, found in zip(observation.watched, held, strict=True) if found
            ),
            watchlists_loaded=loaded,
            missing=tuple(missing),
        )

    def _line(
        self, observation: Observation, marks: dict[int, Coverage], stored: bytes | None
    ) -> tuple[LineKnowledge | None, list[MissingSignal]]:
        """A line is written whole, so one that is there is complete while its tag is fresh;
        one that is not there is known not to be only where everything is covered."""
        covered = _covered_from(marks.get(observation.line[0]), observation.now)
        if covered is None:
            return None, [MissingSignal("line", MissingCause.BEHIND_LEDGER)]
        if stored is not None:
            return keys.unpack_line(stored), []
        if covered != 0 or self._eviction.possible:
            return None, [MissingSignal("line", MissingCause.NOT_COVERED)]
        return None, []


def _keys(observation: Observation, tags: Sequence[int]) -> list[bytes]:
    names: list[bytes] = []
    for dimension, fingerprint in observation.attempt.keys:
        names.append(keys.tries_key(dimension, fingerprint))
        names.append(keys.marks_key(dimension, fingerprint))
    names.append(keys.line_key(observation.line))
    for tag in tags:
        names.append(keys.COVERAGE_KEYS[tag])
        names.append(keys.INDEX_KEYS[tag])
    names.extend(keys.bucket_key(watched.fingerprint) for watched in observation.watched)
    return names


def _arguments(observation: Observation, tags: Sequence[int], nonce: bytes) -> list[bytes | int]:
    attempt = observation.attempt
    numbers = _ENCODER.encode(
        (
            observation.now,
            attempt.at,
            SKEW_MS,
            int(observation.record),
            observation.expiry_ms,
            _WINDOW_MS,
            tuple(_ITEM[dimension] for dimension, _ in attempt.keys),
            len(tags),
            MOST_TRIES,
        )
    )
    fields = (keys.bucket_field(watched.fingerprint) for watched in observation.watched)
    return [nonce, keys.member(attempt), numbers, *fields]


def _counts(dimension: Dimension, row: _Row, covered_from: int | None) -> KeyCounts:
    tries, distinct, marks, opened, failed, completed, reissue = row
    return KeyCounts(
        dimension=dimension,
        tries=tuple(tries),
        distinct={
            attribute: tuple(counts)
            for attribute, counts in zip(_ATTRIBUTES[dimension], distinct, strict=True)
        },
        marks={mark: tuple(counts) for mark, counts in zip(_MARKS, marks, strict=True)},
        open_step_ups=opened,
        last_failure_at=failed or None,
        last_completed_at=completed or None,
        highest_reissue=None if reissue < 0 else reissue,
        covered_from=covered_from,
    )


def _covered_from(mark: Coverage | None, now: int) -> int | None:
    if mark is None or mark.applied_to < now - FRESH_MS:
        return None
    return mark.covered_from


def _loaded(stored: Sequence[bytes | None]) -> dict[str, int] | None:
    """Return per list the lowest version over the tags; None where a tag has no mark."""
    marks: list[IndexMark] = []
    for one in dict.fromkeys(stored):
        if one is None:
            return None
        marks.append(_index_mark(one))
    first, *others = marks
    return {
        name: min(version, *(mark.versions.get(name, 0) for mark in others)) if others else version
        for name, version in first.versions.items()
    }


def _nothing(observation: Observation, cause: MissingCause) -> Observed:
    dimensions = dict.fromkeys(dimension for dimension, _ in observation.attempt.keys)
    signals = (*(f"velocity.{dimension}" for dimension in dimensions), "line", "watchlist")
    return Observed(missing=tuple(MissingSignal(signal, cause) for signal in signals))
