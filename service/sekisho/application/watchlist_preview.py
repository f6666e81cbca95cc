"""What an import of a watchlist would change, found out without changing it."""

from collections.abc import Sequence

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.watchlists import ImportResult, NewEntry, Watchlist, WatchlistLedger
from sekisho.domain.fingerprints import Fingerprinter


class ImportPreview:
    """An import that only counts. Raises LedgerUnavailableError."""

    def __init__(
        self, ledger: WatchlistLedger, fingerprinter: Fingerprinter, watchlist: Watchlist
    ) -> None:
        self._ledger = ledger
        self._fingerprinter = fingerprinter
        self._watchlist = watchlist
        self._seen: set[Fingerprint] = set()
        self._kept = 0
        self._duplicates = 0

    async def add(self, entries: Sequence[NewEntry]) -> None:
        """Count entries, apart from those that were counted before."""
        new: set[Fingerprint] = set()
        for entry in entries:
            identifier = entry.identifier
            found = self._fingerprinter.fingerprint(identifier.kind, identifier.canonical)
            if found in self._seen:
                self._duplicates += 1
            else:
                self._seen.add(found)
                new.add(found)
        held = await self._ledger.find(list(new)) if new else []
        self._kept += sum(each.watchlist == self._watchlist.id for each in held)

    async def finish(self, _: bytes) -> ImportResult:
        """Return what the import would change."""
        return ImportResult(
            watchlist=self._watchlist,
            added=len(self._seen) - self._kept,
            removed=max(self._watchlist.entry_count - self._kept, 0),
            kept=self._kept,
            duplicates=self._duplicates,
        )

    async def abandon(self) -> None:
        """Nothing was begun."""
