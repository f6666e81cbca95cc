"""An import of a watchlist: staged apart in short transactions, so that decisions go between."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count

import sqlalchemy as sa

from sekisho.adapters.sql import watchlist_activate as activation
from sekisho.adapters.sql.schema import watchlist_import, watchlist_staged
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Statement, Value, insert_each
from sekisho.adapters.sql.watchlist_entries import entry_values
from sekisho.adapters.sql.watchlist_rows import KEEP_TEXTS
from sekisho.application.politely import politely
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import ImportResult, WatchlistEntry

ROWS_A_TRANSACTION = 1_000

_MOST_TEXTS = 4_096
"""Texts remembered: a list repeats few, and those of one that repeats none need no memory."""

_STAGE = insert_each(watchlist_staged, unless=("set_id", "shard", "position"))
_DISCARD = Statement(
    lambda _: sa.delete(watchlist_import).where(
        watchlist_import.c.watchlist == sa.bindparam("id", type_=sa.Text),
        watchlist_import.c.set_id == sa.bindparam("set_id", type_=sa.BigInteger),
    )
)


class SqlImport:
    """Implements WatchlistImport. It holds the list's lease under the number of its new set."""

    def __init__(
        self,
        database: Database,
        once: Once,
        watchlist_id: str,
        set_id: int,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._once = once
        self._watchlist_id = watchlist_id
        self._set_id = set_id
        self._clock = clock
        self._positions = count()
        self._staged = 0
        self._text_ids = count(1)
        self._texts: dict[tuple[str, str], int] = {}

    async def stage(self, entries: Sequence[WatchlistEntry]) -> None:
        """Keep entries apart. AbortedError where the import was given up meanwhile."""
        # Neighbours share pages: in order, a transaction writes a few and not one for each row.
        placed = sorted(zip(entries, self._positions, strict=False), key=_shard)
        for start in range(0, len(placed), ROWS_A_TRANSACTION):
            some = placed[start : start + ROWS_A_TRANSACTION]
            script = await politely(asyncio.to_thread(self._staging, some))
            await politely(self._database.write(script, background=True))
        self._staged += len(placed)

    def _staging(self, placed: Sequence[tuple[WatchlistEntry, int]]) -> Callable[[], Script[None]]:
        texts: list[dict[str, Value]] = []
        rows: list[dict[str, Value]] = [
            {
                "set_id": self._set_id,
                "shard": entry.fingerprint[0],
                "position": position,
                "text_id": self._text(entry, texts),
                **entry_values(entry),
            }
            for entry, position in placed
        ]
        return partial(self._stage, texts, rows)

    def _text(self, entry: WatchlistEntry, new: list[dict[str, Value]]) -> int:
        text = (entry.reason, entry.source)
        text_id = self._texts.get(text)
        if text_id is None:
            if len(self._texts) == _MOST_TEXTS:
                self._texts.clear()
            text_id = self._texts[text] = next(self._text_ids)
            reason, source = text
            new.append({"set_id": self._set_id, "id": text_id, "reason": reason, "source": source})
        return text_id

    def _stage(
        self, texts: Sequence[dict[str, Value]], rows: Sequence[dict[str, Value]]
    ) -> Script[None]:
        yield from activation.hold(self._watchlist_id, self._set_id, self._clock())
        yield KEEP_TEXTS.each(texts)
        yield _STAGE.each(rows)

    async def activate(
        self, now: int, body_digest: bytes
    ) -> tuple[ImportResult, Sequence[Fingerprint]]:
        """Make the staged entries the list's own."""
        return await self.activation()(self._staged, now, body_digest)

    def activation(self) -> activation.Activation:
        """Return the steps of the activation."""
        return activation.Activation(
            self._database, self._once, self._watchlist_id, self._set_id, self._clock
        )

    async def discard(self) -> None:
        """Forget the import; what it staged is swept later."""
        await self._database.write(self._discard)

    def _discard(self) -> Script[None]:
        yield _DISCARD(id=self._watchlist_id, set_id=self._set_id)


def _shard(placed: tuple[WatchlistEntry, int]) -> int:
    return placed[0].fingerprint[0]
