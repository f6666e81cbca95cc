"""Writes the ledger's rows into the cache, with the marks that say how far it is."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.marks_by_tag import moving, read_marks
from sekisho.adapters.redis.records import KINDS, RETENTION, WIDTH, records, stored_time
from sekisho.adapters.redis.scripts import APPLY, MOVE, NEWER
from sekisho.adapters.redis.stored import pack_coverage, pack_line, unpack_coverage
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Coverage, LineKnowledge, Marking, Projection, Try, Write
from sekisho.domain.velocity import COUNTED, MOST_TRIES, Dimension, Mark

TIMEOUT: Final = 10.0
"""Seconds for one call: far more than it takes."""
_KEYS: Final = 200
"""Keys a script call: it holds the cache for a millisecond or so, and assessments wait so long."""
_TAGS: Final = frozenset(range(len(keys.COVERAGE_KEYS)))
_SLICE: Final = 20
"""Tries a call: about as many keys, and as long for the event loop of this process."""
_SHORTEST: Final = min(RETENTION.values())
_MARKS_SLICE: Final = 60
"""Marks a call: most are counted along few keys, and of one try two come together."""
_TOGETHER: Final = 8
"""Calls that are sent together: while the server works on them the next batch is made here."""

_Keys = Sequence[tuple[Dimension, Fingerprint]]


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
        """Prepare and write rows."""
        return await (await self.prepare(projection))(marks)

    def followed(self, tags: Iterable[int], to: float) -> None:
        """Tell the connection."""
        self._connection.followed(tags, to)

    async def prepare(self, projection: Projection) -> Write:
        """Return what writes rows and, once all are written, moves marks over one connection."""
        stages: list[list[Call]] = []
        for number, call in enumerate(_calls(projection, self._clock())):
            if number % _TOGETHER == 0:
                stages.append([])
            stages[-1].append(call)
            # Others have the event loop between any two.
            await asyncio.sleep(0)

        async def write(marks: Mapping[int, tuple[Coverage | None, Coverage]]) -> bool:
            moves = moving(keys.COVERAGE_KEYS, marks, pack_coverage, MOVE)
            answers = await self._connection.calls(*stages, moves, timeout=TIMEOUT)
            return all(answer == 1 for answer in answers)

        return write


def _calls(projection: Projection, now: int) -> Iterator[Call]:
    """Make the calls one by one."""
    for start in range(0, len(projection.tries), _SLICE):
        tries = _tries(projection.tries[start : start + _SLICE], now)
        yield from _rows(now, tries, {})
    for start in range(0, len(projection.markings), _MARKS_SLICE):
        marks = _marks(projection.markings[start : start + _MARKS_SLICE], now)
        yield from _rows(now, {}, marks)
    for start in range(0, len(projection.lines), _KEYS):
        yield _lines(projection.lines[start : start + _KEYS])


def _rows(now: int, tries: Mapping[bytes, bytes], marks: Mapping[bytes, bytes]) -> Iterator[Call]:
    if tries or marks:
        head = (now, MOST_TRIES, len(tries))
        yield APPLY, [*tries, *marks], [*head, *tries.values(), *marks.values()]


def _tries(tries: Sequence[Try], now: int) -> dict[bytes, bytes]:
    """Return what `apply.lua` takes for each tries key that still counts them."""
    rows: dict[bytes, bytes] = {}
    for attempt in tries:
        along = _still(attempt.keys, now - attempt.at)
        for (dimension, fingerprint), record in zip(along, records(attempt, along), strict=True):
            key = keys.tries_key(dimension, fingerprint)
            rows[key] = (rows.get(key) or _TRIES_HEAD[dimension]) + record
    return rows


def _marks(markings: Sequence[Marking], now: int) -> dict[bytes, bytes]:
    """Return what `apply.lua` takes for each marks key that counts them."""
    rows: dict[bytes, bytes] = {}
    for marking in markings:
        mark = b"%d%s%s" % (KINDS[marking.mark], marking.try_id, stored_time(marking.at))
        counted = _COUNTED[marking.mark]
        for dimension, fingerprint in _still(marking.keys, now - marking.at):
            if dimension in counted:
                key = keys.marks_key(dimension, fingerprint)
                rows[key] = (rows.get(key) or _MARKS_HEAD[dimension]) + mark
    return rows


def _still(along: _Keys, age: int) -> _Keys:
    """Return the keys that keep what is so many ms old: those of old rows need not be written."""
    if age < _SHORTEST:
        return along
    return [key for key in along if age < RETENTION[key[0]]]


def _counted(mark: Mark) -> frozenset[Dimension]:
    """Return along what a mark is counted; one that closes, where there are open step-ups."""
    counted = Mark.STEP_UP if mark is Mark.CLOSED else mark
    return frozenset(d for d in Dimension if counted in COUNTED[d].marks)


_COUNTED: Final = {mark: _counted(mark) for mark in Mark}
_MARKS_HEAD: Final = {d: stored_time(RETENTION[d]) for d in Dimension}
_TRIES_HEAD: Final = {d: bytes((WIDTH[d],)) + head for d, head in _MARKS_HEAD.items()}


def _lines(lines: Sequence[tuple[Fingerprint, LineKnowledge]]) -> Call:
    names = [keys.line_key(fingerprint) for fingerprint, _ in lines]
    return NEWER, names, [pack_line(line) for _, line in lines]
