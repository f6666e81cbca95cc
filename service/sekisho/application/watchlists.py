"""Watchlists: kept by analysts, held in the ledger, indexed in the cache."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

from sekisho.application.directory import Directory
from sekisho.application.politely import PIECE, in_pieces, politely
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import IndexMark, WatchlistIndex
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import (
    FinishedImport,
    ImportResult,
    NewEntry,
    Watchlist,
    WatchlistEntry,
    WatchlistImport,
    WatchlistLedger,
)
from sekisho.application.watchlist_marks import advance
from sekisho.application.watchlist_preview import ImportPreview
from sekisho.domain.errors import CacheUnavailableError, NotFoundError, RequestIdReusedError
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.watched import WatchedIdentifier

__all__ = ["ImportRun", "NewEntry", "Watchlists"]

T = TypeVar("T")


class Watchlists:
    """Every change goes to the cache's index first and to the ledger second.

    The index may then hold too much, never too little, and the ledger confirms each match: a
    change counts from its commit, all of it at once. Methods raise NotFoundError,
    AlreadyExistsError, AbortedError, RequestIdReusedError, LedgerUnavailableError,
    CacheUnavailableError.
    """

    def __init__(
        self,
        ledger: WatchlistLedger,
        index: WatchlistIndex,
        directory: Directory,
        fingerprinter: Fingerprinter,
        clock: Callable[[], int],
    ) -> None:
        self._ledger = ledger
        self._index = index
        self._directory = directory
        self._fingerprinter = fingerprinter
        self._clock = clock

    async def create(
        self, once: Once, watchlist_id: str, display_name: str, description: str
    ) -> Watchlist:
        """Create an empty list."""
        since = await self._index.marks()
        watchlist = await self._ledger.create(
            once, watchlist_id, display_name, description, self._clock()
        )
        await self._loaded(since, watchlist, was=None)
        return watchlist

    async def get(self, watchlist_id: str) -> Watchlist:
        """Return a list."""
        return await self._ledger.get(watchlist_id)

    async def list(self, after: str, most: int) -> Sequence[Watchlist]:
        """Return up to `most` lists by id, after the given one."""
        return await self._ledger.list(after, most)

    async def delete(self, once: Once, watchlist_id: str, version: int | None) -> None:
        """Delete a list with its entries, where it is still in `version` (None: in any)."""
        held: list[Fingerprint] = []
        async for batch in self._ledger.fingerprints(watchlist_id):
            held.extend(batch)
        deleted = await self._ledger.delete(once, watchlist_id, version)
        await self._directory.refresh()
        if deleted is not None:
            await self._drop(deleted.number, held)

    async def add_entry(self, once: Once, watchlist_id: str, entry: NewEntry) -> WatchlistEntry:
        """Add or replace an entry."""
        since = await self._index.marks()
        before = await self._ledger.get(watchlist_id)
        kept = self.entry(watchlist_id, entry)
        await self._index.add(before.number, [kept.fingerprint])
        added = await self._ledger.add_entry(once, kept)
        # Again after the commit: whoever was removing it has now seen it, or is seen here.
        await self._index.add(before.number, [kept.fingerprint])
        await self._loaded(since, await self._ledger.get(watchlist_id), was=before.version)
        return added

    async def with_entries(
        self,
        watchlist_id: str,
        fingerprints: Sequence[Fingerprint],
        commit: Callable[[], Awaitable[T]],
    ) -> T:
        """Return what `commit` does, which puts entries on a list and may make it; assessments
        know of them at once. Where the cache is away the loader brings them to it later."""
        try:
            since = await self._index.marks()
        except CacheUnavailableError:
            since = {}
        was: int | None = None
        with suppress(NotFoundError, CacheUnavailableError):
            before = await self._ledger.get(watchlist_id)
            was = before.version
            await self._index.add(before.number, fingerprints)
        done = await commit()
        after = await self._ledger.get(watchlist_id)
        with suppress(CacheUnavailableError):
            await self._index.add(after.number, fingerprints)
            await self._loaded(since, after, was=was)
        return done

    async def remove_entry(self, once: Once, watchlist_id: str, fingerprint: bytes) -> None:
        """Remove an entry."""
        since = await self._index.marks()
        before = await self._ledger.get(watchlist_id)
        await self._ledger.remove_entry(once, watchlist_id, fingerprint)
        await self._loaded(since, await self._ledger.get(watchlist_id), was=before.version)
        await self.forget(before, [fingerprint])

    async def entries(self, watchlist_id: str, after: bytes, most: int) -> Sequence[WatchlistEntry]:
        """Return up to `most` entries by fingerprint, after the given one."""
        return await self._ledger.entries(watchlist_id, after, most)

    async def look_up(self, identifier: WatchedIdentifier) -> Sequence[WatchlistEntry]:
        """Return every entry of every list for one identifier."""
        fingerprint = self._fingerprinter.fingerprint(identifier.kind, identifier.canonical)
        return await self._ledger.find([fingerprint])

    async def begin_import(self, once: Once, watchlist_id: str) -> "ImportRun":
        """Begin an import. A repeat of a finished one takes its stream and changes nothing."""
        since = await self._index.marks()
        watchlist = await self._ledger.get(watchlist_id)
        begun = await self._ledger.begin_import(once, watchlist_id)
        return ImportRun(self, self._index, watchlist, since, begun, self._clock())

    async def preview_import(self, watchlist_id: str) -> ImportPreview:
        """Begin to see what an import would change."""
        watchlist = await self._ledger.get(watchlist_id)
        return ImportPreview(self._ledger, self._fingerprinter, watchlist)

    def entry(self, watchlist_id: str, entry: NewEntry) -> WatchlistEntry:
        """Return the entry as the ledger keeps it."""
        identifier = entry.identifier
        return WatchlistEntry(
            watchlist=watchlist_id,
            fingerprint=self._fingerprinter.fingerprint(identifier.kind, identifier.canonical),
            kind=identifier.kind,
            masked=identifier.masked,
            weak=identifier.weak,
            reason=entry.reason,
            source=entry.source,
            starts_at=entry.starts_at,
            expires_at=entry.expires_at,
            created_at=self._clock(),
        )

    async def imported(
        self, since: Mapping[int, IndexMark], before: Watchlist, after: Watchlist
    ) -> None:
        """The index holds what an import brought."""
        await self._loaded(since, after, was=before.version)

    async def forget(
        self, watchlist: Watchlist, fingerprints: Sequence[Fingerprint], *, as_left: bool = False
    ) -> None:
        """Drop fingerprints from the index, but for those that came back meanwhile.

        `as_left`: `watchlist` is as they left it; while it stands so, none is back. Too much in
        the index is harmless, so a cache that is away is no error.
        """
        await self._drop(watchlist.number, fingerprints)
        if as_left and await self._ledger.unchanged(watchlist.id, watchlist.version):
            return
        for start in range(0, len(fingerprints), PIECE):
            held = self._ledger.held(watchlist.id, fingerprints[start : start + PIECE])
            back = await politely(held)
            if back:
                await self._index.add(watchlist.number, list(back))

    async def _drop(self, number: int, fingerprints: Sequence[Fingerprint]) -> None:
        for start in range(0, len(fingerprints), PIECE):
            try:
                await politely(self._index.remove(number, fingerprints[start : start + PIECE]))
            except CacheUnavailableError:
                return

    async def _loaded(
        self, since: Mapping[int, IndexMark], watchlist: Watchlist, was: int | None
    ) -> None:
        await advance(self._index, since, watchlist.id, watchlist.version, was=was)
        await self._directory.refresh()


class ImportRun:
    """An import under way. The old version counts until `finish` returns."""

    def __init__(
        self,
        lists: Watchlists,
        index: WatchlistIndex,
        watchlist: Watchlist,
        since: Mapping[int, IndexMark],
        begun: WatchlistImport | FinishedImport,
        now: int,
    ) -> None:
        self._lists = lists
        self._index = index
        self._watchlist = watchlist
        self._since = since
        self._begun = begun
        self._now = now

    async def add(self, entries: Sequence[NewEntry]) -> None:
        """Add entries, apart from those that count now."""
        if isinstance(self._begun, FinishedImport):
            return
        kept = await in_pieces(self._kept, entries)
        # The ledger first: whoever is dropping one of these from the index asks it afterwards.
        await self._begun.stage(kept)
        await self._index.add(self._watchlist.number, [entry.fingerprint for entry in kept])

    def _kept(self, entries: Sequence[NewEntry]) -> list[WatchlistEntry]:
        return [self._lists.entry(self._watchlist.id, entry) for entry in entries]

    async def finish(self, body_digest: bytes) -> ImportResult:
        """Make the import the list's new version. `body_digest` is that of the whole stream.

        RequestIdReusedError when this request_id came before with another stream.
        """
        if isinstance(self._begun, FinishedImport):
            if self._begun.body_digest != body_digest:
                raise RequestIdReusedError("this request_id imported another stream before")
            return self._begun.result
        result, gone = await self._begun.activate(self._now, body_digest)
        await self._lists.imported(self._since, self._watchlist, result.watchlist)
        await self._lists.forget(result.watchlist, gone, as_left=True)
        return result

    async def abandon(self) -> None:
        """Forget the import: nothing changed."""
        if not isinstance(self._begun, FinishedImport):
            await self._begun.discard()
