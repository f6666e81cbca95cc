"""Velocity facts from the cache's raw counts: known only where the window is covered."""

from collections.abc import Iterator, Sequence

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

# One row a measure: the attribute or mark counted (None for tries), and its facts, each with the
# index of its window. Built once, so that an assessment only indexes into tuples.
_Row = tuple[Attribute | Mark | None, tuple[tuple[str, int], ...]]


def _plan(dimension: Dimension) -> tuple[_Row, ...]:
    counting = COUNTED[dimension]

    def facts(measure: str, windows: Sequence[str]) -> tuple[tuple[str, int], ...]:
        return tuple((f"velocity.{dimension}.{measure}_{w}", _INDEX[w]) for w in windows)

    return (
        (None, facts("tries", counting.tries)),
        *((a, facts(a.value, windows)) for a, windows in counting.distinct.items()),
        *((m, facts(m.value, windows)) for m, windows in counting.marks.items()),
    )


_PLANS = {dimension: _plan(dimension) for dimension in Dimension}
_ABSENT = {
    dimension: {name: 0 for _, facts in plan for name, _ in facts}
    for dimension, plan in _PLANS.items()
}


def velocity_facts(
    attempt: Try, counts: Sequence[KeyCounts], now: int
) -> tuple[dict[str, FactValue], list[MissingSignal]]:
    """Return the known facts, and what is missing of the keys that could be read.

    A dimension that the request does not have counts 0; of several keys of one dimension (two
    documents) the highest count is the fact.
    """
    facts: dict[str, FactValue] = {}
    missing: dict[Dimension, MissingCause] = {}
    wanted = {dimension for dimension, _ in attempt.keys}
    for dimension in Dimension:
        if dimension not in wanted:
            facts.update(_ABSENT[dimension])
    for key in counts:
        for name, value in _of_key(key, now, missing):
            before = facts.get(name)
            facts[name] = value if before is None else max(before, value)
    for dimension in missing:
        # A window known for one document and not for the other is not known.
        for counted in counts:
            if counted.dimension is dimension and _covered(counted, now) < len(_WINDOW_MS):
                _forget(facts, dimension, _covered(counted, now))
    return facts, [MissingSignal(f"velocity.{d}", cause) for d, cause in missing.items()]


def _covered(key: KeyCounts, now: int) -> int:
    """Return how many windows, shortest first, the cache covers for this key."""
    if key.covered_from is None:
        return 0
    span = now - key.covered_from
    return sum(window <= span for window in _WINDOW_MS)


def _of_key(
    key: KeyCounts, now: int, missing: dict[Dimension, MissingCause]
) -> Iterator[tuple[str, int]]:
    covered = _covered(key, now)
    complete = True
    for counted, facts in _PLANS[key.dimension]:
        if counted is None:
            values = key.tries
        elif isinstance(counted, Mark):
            values = key.marks[counted]
        else:
            values = key.distinct[counted]
        for name, index in facts:
            if index < covered:
                yield name, values[index]
            else:
                complete = False
    if key.dimension is Dimension.LINE:
        if covered == len(_WINDOW_MS):
            yield "velocity.line.open_step_ups", key.open_step_ups
            yield "velocity.line.seconds_since_failure", _seconds_since(key.last_failure_at, now)
        else:
            complete = False
    if not complete:
        missing[key.dimension] = (
            MissingCause.BEHIND_LEDGER if key.covered_from is None else MissingCause.NOT_COVERED
        )


def _forget(facts: dict[str, FactValue], dimension: Dimension, covered: int) -> None:
    for _, names in _PLANS[dimension]:
        for name, index in names:
            if index >= covered:
                facts.pop(name, None)


def _seconds_since(at: int | None, now: int) -> int:
    if at is None or at < now - RETENTION_MS:
        return NEVER_SECONDS
    return max(0, now - at) // SECOND_MS
