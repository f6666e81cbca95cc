"""Writes the ledger's rows into the cache, with the marks that say how far it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.marks_by_tag import moving, read_marks
from sekisho.adapters.redis.records import KINDS, RETENTION, WIDTH, records, stored_time
from sekisho.adapters.redis.scripts import APPLY, NEWER
from sekisho.adapters.redis.stored import pack_coverage, pack_line, unpack_coverage
from sekisho.application.ports.cache import Coverage, Marking, Projection, Try
from sekisho.domain.velocity import MOST_TRIES, Dimension

TIMEOUT: Final = 10.0
"""Seconds for one batch: far more than it takes."""
_KEYS: Final = 250
"""Keys a script call: it holds the cache for a millisecond or so, and assessments wait so long."""
_TAGS: Final = frozenset(range(len(keys.COVERAGE_KEYS)))


class RedisProjectionStore:
    """Implements ProjectionStore. `clock` gives Unix ms."""

    def __init__(self, connection: Connection, clock: Callable[[], int]) -> None:
        self._connection = connection
        self._clock = clock
        self.away: frozenset[int] = frozenset()

    async def coverage(self) -> Mapping[int, Coverage]:
        """Read each tag's coverage mark."""
        stored = await self._connection.read(keys.COVERAGE_KEYS, timeout=TIMEOUT)
        self.away = _TAGS - stored.keys()
        return read_marks(stored, unpack_coverage)

    async def apply(
        self,
        projection: Projection,
        marks: Mapping[int, tuple[Coverage | None, Coverage]],
    ) -> bool:
        """Write rows, and once all are written move the marks, over one connection."""
        rows = [*_rows(projection, self._clock()), *_lines(projection)]
        moves = moving(keys.COVERAGE_KEYS, marks, pack_coverage)
        answers = await self._connection.calls(rows, moves, timeout=TIMEOUT)
        return all(answer == 1 for answer in answers)


def _rows(projection: Projection, now: int) -> Iterator[Call]:
    tries = list(_tries(projection.tries).items())
    marks = list(_marks(projection.markings).items())
    for start in range(0, max(len(tries), len(marks)), _KEYS):
        some, others = tries[start : start + _KEYS], marks[start : start + _KEYS]
        arguments: list[bytes | str | int] = [now, MOST_TRIES, len(some)]
        arguments += (b"".join(rows) for _, rows in (*some, *others))
        yield APPLY, [key for key, _ in (*some, *others)], arguments


def _tries(tries: Sequence[Try]) -> dict[bytes, list[bytes]]:
    """Return what `apply.lua` takes for each tries key: many tries are of one shop."""
    rows: dict[bytes, list[bytes]] = {}
    for attempt in tries:
        for (dimension, fingerprint), record in zip(attempt.keys, records(attempt), strict=True):
            key = keys.tries_key(dimension, fingerprint)
            if key not in rows:
                rows[key] = [_TRIES_HEAD[dimension]]
            rows[key].append(record)
    return rows


def _marks(markings: Sequence[Marking]) -> dict[bytes, list[bytes]]:
    """Return what `apply.lua` takes for each marks key."""
    rows: dict[bytes, list[bytes]] = {}
    for marking in markings:
        mark = b"%d%s%s" % (KINDS[marking.mark], marking.try_id, stored_time(marking.at))
        for dimension, fingerprint in marking.keys:
            key = keys.marks_key(dimension, fingerprint)
            if key not in rows:
                rows[key] = [_MARKS_HEAD[dimension]]
            rows[key].append(mark)
    return rows


_MARKS_HEAD: Final = {d: stored_time(RETENTION[d]) for d in Dimension}
_TRIES_HEAD: Final = {d: bytes((WIDTH[d],)) + head for d, head in _MARKS_HEAD.items()}


def _lines(projection: Projection) -> Iterator[Call]:
    lines = projection.lines
    for start in range(0, len(lines), _KEYS):
        some = lines[start : start + _KEYS]
        names = [keys.line_key(fingerprint) for fingerprint, _ in some]
        yield NEWER, names, [pack_line(line) for _, line in some]
