"""The index of watched fingerprints."""

from collections.abc import Mapping, Sequence

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.projection import TIMEOUT
from sekisho.adapters.redis.scripts import SWAP, WATCH
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import IndexMark

_BATCH = 1_000


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
        for start in range(0, len(fingerprints), _BATCH):
            batch = fingerprints[start : start + _BATCH]
            await self._connection.calls(
                [
                    (
                        WATCH,
                        [keys.bucket_key(f) for f in batch],
                        [add, number, *(keys.bucket_field(f) for f in batch)],
                    )
                ],
                TIMEOUT,
            )

    async def marks(self) -> Mapping[int, IndexMark]:
        """Read each tag's mark."""
        stored = await self._connection.command("MGET", *keys.INDEX_KEYS, timeout=TIMEOUT)
        return {
            tag: keys.unpack_index_mark(mark) for tag, mark in enumerate(stored) if mark is not None
        }

    async def move_marks(self, changes: Mapping[int, tuple[IndexMark | None, IndexMark]]) -> bool:
        """Move marks by compare-and-set."""
        if not changes:
            return True
        arguments: list[bytes | int] = []
        for was, now in changes.values():
            arguments.append(b"" if was is None else keys.pack_index_mark(was))
            arguments.append(keys.pack_index_mark(now))
        answers = await self._connection.calls(
            [(SWAP, [keys.INDEX_KEYS[tag] for tag in changes], arguments)], TIMEOUT
        )
        return bool(answers[0] == 1)
