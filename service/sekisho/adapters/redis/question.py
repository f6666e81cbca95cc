"""What one observation asks of the cache, as `observe.lua` takes it."""

from functools import cache
from typing import Final

import msgspec

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Call
from sekisho.adapters.redis.records import ATTRIBUTES, KINDS, RETENTION, records, stored_time
from sekisho.adapters.redis.scripts import OBSERVE
from sekisho.application.ports.cache import Observation
from sekisho.domain.velocity import COUNTED, MOST_TRIES, WINDOWS, Dimension

SKEW_MS: Final = 2_000
"""The cache's clock and ours may differ by this much."""
FRESH_MS: Final = 2_000
"""A tag that has not followed the ledger for longer is behind it."""

_WINDOWS: Final = msgspec.msgpack.encode(tuple(WINDOWS.values()))


@cache
def _description(dimension: Dimension, mark: int) -> bytes:
    kinds = sum(1 << KINDS[kind] for kind in COUNTED[dimension].marks)
    head = bytes((len(ATTRIBUTES[dimension]), kinds, mark))
    return head + stored_time(RETENTION[dimension])


def question(observation: Observation, nonce: bytes) -> Call:
    """Return the script call for an observation. The answer begins with `nonce`."""
    attempt, watched = observation.attempt, observation.watched
    place: dict[int, int] = {}
    described = [
        _description(dimension, place.setdefault(fingerprint[0], len(place) + 1))
        for dimension, fingerprint in attempt.keys
    ]
    line = place.setdefault(observation.line[0], len(place) + 1)
    lists = dict.fromkeys([observation.line[0], *(one.fingerprint[0] for one in watched)])
    names = [
        *(keys.tries_key(dimension, fingerprint) for dimension, fingerprint in attempt.keys),
        keys.line_key(observation.line),
        *(keys.COVERAGE_KEYS[tag] for tag in place),
        *(keys.INDEX_KEYS[tag] for tag in lists),
        *(keys.marks_key(dimension, fingerprint) for dimension, fingerprint in attempt.keys),
        *(keys.bucket_key(one.fingerprint) for one in watched),
    ]
    arguments: list[bytes | str | int] = [
        nonce,
        observation.now,
        SKEW_MS,
        FRESH_MS,
        observation.expiry_ms,
        int(observation.record),
        MOST_TRIES,
        _WINDOWS,
        len(described),
        len(place),
        len(lists),
        len(watched),
        line,
    ]
    for description, record in zip(described, records(attempt), strict=True):
        arguments += (description, record)
    arguments += (keys.bucket_field(one.fingerprint) for one in watched)
    return OBSERVE, names, arguments
