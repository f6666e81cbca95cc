"""Velocity facts from the cache's raw counts: known only where the window is covered."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from sekisho.application.ports.cache import KeyCounts, Try
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import NEVER_SECONDS, FactValue
from sekisho.domain.velocity import (
    COUNTED,
    RETENTION_MS,
    SECOND_MS,
    WINDOWS,
    Attribute,
    Dimension,
    Mark,
)

_WINDOW_MS = tuple(WINDOWS.values())
_INDEX = {window: index for index, window in enumerate(WINDOWS)}

# One row a measure: the attribute or mark counted (None for tries), the names of its facts, and
# the place of each one's window. Built once, so that an assessment only picks from tuples.
_Row = tuple[Attribute | Mark | None, tuple[str, ...], tuple[int, ...]]


def _plan(dimension: Dimension) -> tuple[_Row, ...]:
    counting = COUNTED[dimension]

    def row(counted: Attribute | Mark | None, windows: Sequence[str]) -> _Row:
        measure = "tries" if counted is None else counted.value
        names = tuple(f"velocity.{dimension}.{measure}_{window}" for window in windows)
        return counted, names, tuple(_INDEX[window] for window in windows)

    return (
        row(None, counting.tries),
        *(row(a, windows) for a, windows in counting.distinct.items()),
        *(row(m, windows) for m, windows in counting.marks.items()),
    )


_PLANS = {dimension: _plan(dimension) for dimension in Dimension}
_ABSENT = {
    dimension: {name: 0 for _, names, _ in plan for name in names}
    for dimension, plan in _PLANS.items()
}
_OPEN_STEP_UPS = "velocity.line.open_step_ups"
_SINCE_FAILURE = "velocity.line.seconds_since_failure"


def velocity_facts(
    attempt: Try, counts: Sequence[KeyCounts], now: int
) -> tuple[dict[str, FactValue], list[MissingSignal]]:
    """Return the known facts, and what is missing of the keys that could be read.

    A dimension that the request does not have counts 0; of several keys of one dimension (two
    documents) the highest count is the fact.
    """
    facts: dict[str, FactValue] = {}
    missing: dict[Dimension, MissingCause] = {}
    absent = _ABSENT.keys() - {dimension for dimension, _ in attempt.keys}
    for dimension in absent:
        facts.update(_ABSENT[dimension])
    present = frozenset(attempt.attributes)
    seen: set[Dimension] = set()
    for key in counts:
        if key.dimension in seen:
            for name, value in _of_key(key, now, missing):
                before = facts.get(name)
                facts[name] = value if before is None else max(before, value)
        elif key.alone and _covered(key, now) == len(_WINDOW_MS):
            # Most often nobody was here before: the same facts for everyone.
            facts.update(_alone(key.dimension, present))
        else:
            facts.update(_of_key(key, now, missing))
        seen.add(key.dimension)
    for dimension in missing:
        # A window known for one document and not for the other is not known.
        for counted in counts:
            if counted.dimension is dimension and _covered(counted, now) < len(_WINDOW_MS):
                _forget(facts, dimension, _covered(counted, now))
    return facts, [MissingSignal(f"velocity.{d}", cause) for d, cause in missing.items()]


@lru_cache(maxsize=1024)
def _alone(dimension: Dimension, present: frozenset[Attribute]) -> Mapping[str, int]:
    """Return the facts of a key along which nobody else came, and nothing came of anything."""
    facts: dict[str, int] = dict(_ABSENT[dimension])
    for counted, names, _ in _PLANS[dimension]:
        if counted is None or counted in present:
            facts.update(dict.fromkeys(names, 1))
    if dimension is Dimension.LINE:
        facts[_OPEN_STEP_UPS] = 0
        facts[_SINCE_FAILURE] = NEVER_SECONDS
    return facts


def _covered(key: KeyCounts, now: int) -> int:
    """Return how many windows, shortest first, the cache covers for this key."""
    if key.covered_from is None:
        return 0
    return bisect_right(_WINDOW_MS, now - key.covered_from)


def _of_key(
    key: KeyCounts, now: int, missing: dict[Dimension, MissingCause]
) -> Iterator[tuple[str, int]]:
    covered = _covered(key, now)
    complete = True
    for counted, names, places in _PLANS[key.dimension]:
        if counted is None:
            values = key.tries
        elif isinstance(counted, Mark):
            values = key.marks[counted]
        else:
            values = key.distinct[counted]
        for name, place in zip(names, places, strict=True):
            if place < covered:
                yield name, values[place]
            else:
                complete = False
    if key.dimension is Dimension.LINE:
        if covered == len(_WINDOW_MS):
            yield _OPEN_STEP_UPS, key.open_step_ups
            yield _SINCE_FAILURE, _seconds_since(key.last_failure_at, now)
        else:
            complete = False
    if not complete:
        missing[key.dimension] = (
            MissingCause.BEHIND_LEDGER if key.covered_from is None else MissingCause.NOT_COVERED
        )


def _forget(facts: dict[str, FactValue], dimension: Dimension, covered: int) -> None:
    for _, names, places in _PLANS[dimension]:
        for name, place in zip(names, places, strict=True):
            if place >= covered:
                facts.pop(name, None)


def _seconds_since(at: int | None, now: int) -> int:
    if at is None or at < now - RETENTION_MS:
        return NEVER_SECONDS
    return max(0, now - at) // SECOND_MS
