"""Marks: one small string for each tag, moved by compare-and-set."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.scripts import SWAP
from sekisho.adapters.redis.wire import Reply
from sekisho.domain.errors import CacheUnavailableError

Mark = TypeVar("Mark")


def read_marks(stored: Mapping[int, Reply], unpack: Callable[[bytes], Mark]) -> dict[int, Mark]:
    """Return the marks stored for tags; a tag without one is absent.

    Raises CacheUnavailableError where something else is stored there.
    """
    try:
        return {tag: unpack(mark) for tag, mark in stored.items() if isinstance(mark, bytes)}
    except (ValueError, msgspec.MsgspecError):
        raise CacheUnavailableError("the cache's marks are not sekisho's") from None


def moving(
    names: Sequence[bytes],
    changes: Mapping[int, tuple[Mark | None, Mark]],
    pack: Callable[[Mark], bytes],
) -> list[Call]:
    """Return the calls that move marks from what was read to what holds now.

    Each answers 1, or 0 where one of its marks was no longer what was read, and was left alone.
    """
    if not changes:
        return []
    arguments: list[bytes | str | int] = []
    for was, now in changes.values():
        arguments += (b"" if was is None else pack(was), pack(now))
    return [(SWAP, [names[tag] for tag in changes], arguments)]
