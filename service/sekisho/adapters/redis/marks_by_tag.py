"""Marks: one small string for each tag, moved by compare-and-set."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import msgspec

from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.scripts import SWAP, Script
from sekisho.adapters.redis.wire import Reply
from sekisho.domain.errors import CacheUnavailableError

Mark = TypeVar("Mark")


def read_marks(stored: Mapping[int, Reply], unpack: Callable[[bytes], Mark]) -> dict[int, Mark]:
    """Return the marks stored for tags; a tag without one is absent, and equal ones are one
    object.

    Raises CacheUnavailableError where something else is stored there.
    """
    try:
        found = {mark for mark in stored.values() if isinstance(mark, bytes)}
        read = {mark: unpack(mark) for mark in found}
    except (ValueError, msgspec.MsgspecError):
        raise CacheUnavailableError("the cache's marks are not sekisho's") from None
    return {tag: read[mark] for tag, mark in stored.items() if isinstance(mark, bytes)}


def moving(
    names: Sequence[bytes],
    changes: Mapping[int, tuple[Mark | None, Mark]],
    pack: Callable[[Mark], bytes],
    script: Script = SWAP,
) -> list[Call]:
    """Return the calls that move marks from what was read to what holds now.

    Each answers 1, or 0 where one of its marks was no longer what was read, and was left alone.
    """
    if not changes:
        return []
    # Most tags have the very same mark.
    once = {id(mark): mark for mark in chain.from_iterable(changes.values())}
    packed = {place: b"" if mark is None else pack(mark) for place, mark in once.items()}
    arguments = [packed[id(mark)] for mark in chain.from_iterable(changes.values())]
    return [(script, [names[tag] for tag in changes], arguments)]
