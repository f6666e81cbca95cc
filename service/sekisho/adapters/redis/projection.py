"""Writes the ledger's rows into the cache, with the marks that say how far it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Call, Connection
from sekisho.adapters.redis.scripts import APPLY, NEWER, SWAP
from sekisho.application.ports.cache import Coverage, Projection
from sekisho.domain.velocity import MOST_TRIES

TIMEOUT = 10.0
_ROWS = 500
"""Rows a script call: it holds the cache for a few milliseconds, and assessments wait so long."""
_ENCODER = msgspec.msgpack.Encoder()


class RedisProjectionStore:
    """Implements ProjectionStore. `clock` gives Unix ms."""

    def __init__(self, connection: Connection, clock: Any) -> None:
        self._connection = connection
        self._clock = clock

    async def coverage(self) -> Mapping[int, Coverage]:
        """Read each tag's coverage mark."""
        stored = await self._connection.command("MGET", *keys.COVERAGE_KEYS, timeout=TIMEOUT)
        return {
            tag: keys.unpack_coverage(mark) for tag, mark in enumerate(stored) if mark is not None
        }

    async def apply(
        self,
        projection: Projection,
        marks: Mapping[int, tuple[Coverage | None, Coverage]],
    ) -> bool:
        """Write rows, then move the marks, over one connection."""
        calls = [*_rows(projection, self._clock()), *_lines(projection)]
        arguments: list[bytes | int] = []
        for was, now in marks.values():
            arguments.append(b"" if was is None else keys.pack_coverage(was))
            arguments.append(keys.pack_coverage(now))
        calls.append((SWAP, [keys.COVERAGE_KEYS[tag] for tag in marks], arguments))
        answers = await self._connection.calls(calls, TIMEOUT)
        return bool(answers[-1] == 1)


def _rows(projection: Projection, now: int) -> list[Call]:
    names: list[bytes] = []
    rows: list[tuple[int, int, int]] = []
    members: list[bytes] = []
    for attempt in projection.tries:
        member = keys.member(attempt)
        for dimension, fingerprint in attempt.keys:
            names.append(keys.tries_key(dimension, fingerprint))
            rows.append((1, attempt.at, keys.RETENTION[dimension]))
            members.append(member)
    for marking in projection.markings:
        member = keys.MARK_CODES[marking.mark] + marking.try_id
        for dimension, fingerprint in marking.keys:
            names.append(keys.marks_key(dimension, fingerprint))
            rows.append((2, marking.at, keys.RETENTION[dimension]))
            members.append(member)
    return [
        (
            APPLY,
            names[start : start + _ROWS],
            (
                _ENCODER.encode((now, MOST_TRIES, rows[start : start + _ROWS])),
                *members[start : start + _ROWS],
            ),
        )
        for start in range(0, len(rows), _ROWS)
    ]


def _lines(projection: Projection) -> list[Call]:
    calls: list[Call] = []
    for start in range(0, len(projection.lines), _ROWS):
        batch: Sequence[Any] = projection.lines[start : start + _ROWS]
        arguments: list[bytes | int] = []
        for _, line in batch:
            arguments += (line.revision, keys.pack_line(line))
        calls.append((NEWER, [keys.line_key(fingerprint) for fingerprint, _ in batch], arguments))
    return calls
