"""What one part of an observation asks of the cache, as `observe.lua` takes it."""

from functools import cache
from typing import Final

import msgspec

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.parts import Part
from sekisho.adapters.redis.records import ATTRIBUTES, KINDS, RETENTION, stored_time
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


def question(observation: Observation, part: Part, nonce: bytes, floor: int) -> Call:
    """Return the script call for a part of an observation. The answer begins with `nonce`.

    A tag that has not followed the ledger to `floor` (Unix ms) is behind it.
    """
    place: dict[int, int] = {}
    described = [
        _description(dimension, place.setdefault(fingerprint[0], len(place) + 1))
        for dimension, fingerprint in part.keys
    ]
    lists = dict.fromkeys([one.fingerprint[0] for one in part.watched])
    line = 0
    about_line: tuple[bytes, ...] = ()
    if part.line:
        line = place.setdefault(observation.line[0], len(place) + 1)
        lists[observation.line[0]] = None
        about_line = (
            keys.line_key(observation.line),
            keys.journaled_key(observation.line, observation.attempt.try_id),
        )
    names = [
        *[keys.tries_key(dimension, fingerprint) for dimension, fingerprint in part.keys],
        *about_line,
        *[keys.COVERAGE_KEYS[tag] for tag in place],
        *[keys.INDEX_KEYS[tag] for tag in lists],
        *[keys.marks_key(dimension, fingerprint) for dimension, fingerprint in part.keys],
        *[keys.bucket_key(one.fingerprint) for one in part.watched],
    ]
    arguments: list[bytes | str | int] = [
        nonce,
        observation.now,
        SKEW_MS,
        max(observation.now - FRESH_MS, floor),
        observation.expiry_ms,
        int(observation.record),
        MOST_TRIES,
        _WINDOWS,
        len(described),
        len(place),
        len(lists),
        len(part.watched),
        line,
    ]
    for description, record in zip(described, part.records, strict=True):
        arguments += (description, record)
    arguments += [keys.bucket_field(one.fingerprint) for one in part.watched]
    return OBSERVE, names, arguments
