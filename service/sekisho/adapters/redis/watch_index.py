"""The index of watched fingerprints."""

from collections.abc import Mapping, Sequence
from typing import Final

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.marks_by_tag import moving, read_marks
from sekisho.adapters.redis.projection import TIMEOUT
from sekisho.adapters.redis.scripts import WATCH
from sekisho.adapters.redis.stored import pack_index_mark, unpack_index_mark
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import IndexMark
from sekisho.domain.errors import CacheUnavailableError

_BATCH: Final = 250
"""Entries a script call: it holds the cache for less than a millisecond."""
_TOGETHER: Final = 4
"""Script calls under way at once."""


class RedisWatchlistIndex:
    """Implements WatchlistIndex."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, watchlist: int, fingerprints: Sequence[Fingerprint]) -> None:
        """Add fingerprints for a list."""
        await self._change(b"1", watchlist, fingerprints)

    async def remove(self, watchlist: int, fingerprints: Sequence[Fingerprint]) -> None:
        """Remove a list's fingerprints."""
        await self._change(b"0", watchlist, fingerprints)

    async def _change(
        self, add: bytes, watchlist: int, fingerprints: Sequence[Fingerprint]
    ) -> None:
        number = watchlist.to_bytes(2, "big")
        calls: list[Call] = []
        for start in range(0, len(fingerprints), _BATCH):
            some = fingerprints[start : start + _BATCH]
            fields = [keys.bucket_field(fingerprint) for fingerprint in some]
            names = [keys.bucket_key(fingerprint) for fingerprint in some]
            calls.append((WATCH, names, [add, number, *fields]))
            if len(calls) == _TOGETHER or start + _BATCH >= len(fingerprints):
                await self._connection.calls(calls, timeout=TIMEOUT)
                calls = []

    async def marks(self) -> Mapping[int, IndexMark]:
        """Read each tag's mark."""
        stored = await self._connection.read(keys.INDEX_KEYS, timeout=TIMEOUT)
        if len(stored) < len(keys.INDEX_KEYS):
            # Lists are loaded whole: not as long as a part of them has nowhere to go.
            raise CacheUnavailableError("a part of the cache is away")
        return read_marks(stored, unpack_index_mark)

    async def move_marks(self, changes: Mapping[int, tuple[IndexMark | None, IndexMark]]) -> bool:
        """Move marks by compare-and-set."""
        moves = moving(keys.INDEX_KEYS, changes, pack_index_mark)
        answers = await self._connection.calls(moves, timeout=TIMEOUT)
        return all(answer == 1 for answer in answers)
