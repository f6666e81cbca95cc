"""What `observe.lua` answers, in the port's words."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from sekisho.adapters.redis.records import ATTRIBUTES
from sekisho.adapters.redis.stored import unpack_index_mark
from sekisho.adapters.redis.wire import Reply
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import KeyCounts
from sekisho.domain.velocity import COUNTED, WINDOWS, Attribute, Dimension, Mark

_W: Final = len(WINDOWS)
_ONCE: Final = (1,) * _W
_NEVER: Final = (0,) * _W
# CLOSED is never counted: it only tells which step-ups are open.
_MARKS: Final = {
    d: tuple(m for m in Mark if m in COUNTED[d].marks and m is not Mark.CLOSED) for d in Dimension
}
_NO_MARKS: Final[Mapping[Dimension, Mapping[Mark, tuple[int, ...]]]] = {
    d: dict.fromkeys(_MARKS[d], _NEVER) for d in Dimension
}
_ALONE: Final = -1
_NUMBERS: Final = msgspec.msgpack.Decoder(list[int])

# All tags move together, so a service sees few different marks.
_index_mark = lru_cache(maxsize=256)(unpack_index_mark)


def fields(answer: Sequence[Reply]) -> tuple[bytes, bytes | None, bytes, list[bytes]]:
    """Return the packed row of numbers, the line, a digit a bucket, and the watchlist marks.

    Raises ValueError, TypeError.
    """
    _, packed, line, held, *marks = answer
    lists = [mark for mark in marks if isinstance(mark, bytes)]
    if (
        not isinstance(packed, bytes)
        or not isinstance(line, bytes | None)
        or not isinstance(held, bytes)
        or len(lists) != len(marks)
    ):
        raise TypeError("not what the script returns")
    return packed, line, held, lists


def unpack_numbers(packed: bytes) -> list[int]:
    """Return the row of numbers: whether a watchlist mark is absent, the line's coverage, whether
    the try is noted as journaled, then what `key_counts` reads. Raises msgspec.MsgspecError."""
    return _NUMBERS.decode(packed)


def key_counts(
    keys: Iterable[tuple[Dimension, Fingerprint]],
    present: frozenset[Attribute],
    numbers: Sequence[int],
) -> list[KeyCounts]:
    """Return the counts of each of some keys of a try. `present` are the attributes that it has.

    Raises IndexError, ValueError.
    """
    counts: list[KeyCounts] = []
    at = 3
    for dimension, _ in keys:
        # Most often nobody was here before, and nothing came of anything.
        if numbers[at + 1] == _ALONE and numbers[at + 2] == 0:
            counts.append(_first(dimension, present, numbers[at]))
            at += 3
        else:
            here, at = _among_others(dimension, present, numbers, at)
            counts.append(here)
    if at != len(numbers):
        raise ValueError("the answer has more than was asked")
    return counts


@lru_cache(maxsize=4096)
def _first(dimension: Dimension, present: frozenset[Attribute], covered: int) -> KeyCounts:
    return KeyCounts(
        dimension=dimension,
        tries=_ONCE,
        distinct={a: _ONCE if a in present else _NEVER for a in ATTRIBUTES[dimension]},
        marks=_NO_MARKS[dimension],
        open_step_ups=0,
        last_failure_at=None,
        last_completed_at=None,
        highest_reissue=None,
        covered_from=_some(covered),
        alone=True,
    )


def _among_others(
    dimension: Dimension, present: frozenset[Attribute], numbers: Sequence[int], at: int
) -> tuple[KeyCounts, int]:
    """Return the counts that begin at a place in the row, and the place after them."""
    first = _first(dimension, present, numbers[at])
    reissue, tries, distinct = numbers[at + 1] - 1, first.tries, first.distinct
    at += 2
    if numbers[at - 1] != _ALONE:
        tries = tuple(numbers[at : at + _W])
        distinct = {}
        at += _W
        for attribute in ATTRIBUTES[dimension]:
            distinct[attribute] = tuple(numbers[at : at + _W])
            at += _W
    marks, opened, latest = first.marks, 0, {Mark.FAILURE: 0, Mark.COMPLETED: 0}
    at += 1
    if numbers[at - 1]:
        marks = {}
        for mark in _MARKS[dimension]:
            marks[mark] = tuple(numbers[at : at + _W])
            at += _W
            if mark in latest:
                latest[mark] = numbers[at]
                at += 1
        opened = numbers[at]
        at += 1
    here = KeyCounts(
        dimension=dimension,
        tries=tries,
        distinct=distinct,
        marks=marks,
        open_step_ups=opened,
        last_failure_at=latest[Mark.FAILURE] or None,
        last_completed_at=latest[Mark.COMPLETED] or None,
        highest_reissue=_some(reissue),
        covered_from=first.covered_from,
    )
    return here, at


def _some(number: int) -> int | None:
    return None if number < 0 else number


def lowest_versions(marks: Sequence[bytes]) -> dict[str, int]:
    """Return each list's lowest version over the tags asked; one that a tag lacks is at 0."""
    return lowest([_index_mark(mark).versions for mark in marks])


def lowest(versions: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return each list's lowest version; one that is not everywhere is at 0."""
    first, *others = versions
    if not others:
        return dict(first)
    return {name: min(v, *(o.get(name, 0) for o in others)) for name, v in first.items()}
