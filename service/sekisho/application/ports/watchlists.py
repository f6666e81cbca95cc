"""Watchlists in the ledger: the truth that the cache's index points to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.ledger import Once
from sekisho.domain.value import value
from sekisho.domain.watched import WatchedIdentifier


@value
class Watchlist:
    """A list in its current version. `number` is its short number in the cache; times Unix ms."""

    id: str
    number: int
    display_name: str
    description: str
    version: int
    entry_count: int
    created_at: int
    updated_at: int


@value
class NewEntry:
    """An entry as an analyst writes it; times are Unix ms, None at once or without end."""

    identifier: WatchedIdentifier
    reason: str
    source: str
    starts_at: int | None
    expires_at: int | None


@value
class WatchlistEntry:
    """One identifier on a list. `kind` is a word of IdentifierKind in lower case. Times are
    Unix ms; None is at once, or without end."""

    watchlist: str
    fingerprint: Fingerprint
    kind: str
    masked: str
    weak: bool
    reason: str
    source: str
    starts_at: int | None
    expires_at: int | None
    created_at: int


@value
class ImportResult:
    """What an import changed."""

    watchlist: Watchlist
    added: int
    removed: int
    kept: int
    duplicates: int


@value
class FinishedImport:
    """What an import of the same request did before. A repeat must carry the same stream."""

    result: ImportResult
    body_digest: bytes


class WatchlistImport(Protocol):
    """An import under way: staged apart, invisible until `activate`. One a list at a time."""

    async def stage(self, entries: Sequence[WatchlistEntry]) -> None:
        """Keep entries apart; the last of the same identifier counts."""

    async def activate(
        self, now: int, body_digest: bytes
    ) -> tuple[ImportResult, Sequence[Fingerprint]]:
        """Make the staged entries the list's new version in one transaction.

        Returns what changed, and the fingerprints that only the old version had. `body_digest`,
        of the whole stream, is kept with the request (the one in `Once` at the beginning knew
        only the stream's head).
        """

    async def discard(self) -> None:
        """Forget what was staged: idempotent."""


class WatchlistLedger(Protocol):
    """Raises LedgerUnavailableError, NotFoundError, AlreadyExistsError, AbortedError,
    RequestIdReusedError."""

    async def create(
        self, once: Once, watchlist_id: str, display_name: str, description: str, now: int
    ) -> Watchlist:
        """Create an empty list, version 1."""

    async def get(self, watchlist_id: str) -> Watchlist:
        """Return a list."""

    async def list(self, after: str, most: int) -> Sequence[Watchlist]:
        """Return lists by id, after the given one."""

    async def delete(self, once: Once, watchlist_id: str, version: int | None) -> Watchlist | None:
        """Delete a list with its entries; AbortedError where `version` is not the current one.
        None: it was deleted by the same request before."""

    async def add_entry(self, once: Once, entry: WatchlistEntry) -> WatchlistEntry:
        """Add or replace an entry; the version grows by one."""

    async def remove_entry(self, once: Once, watchlist_id: str, fingerprint: Fingerprint) -> None:
        """Remove an entry; the version grows by one."""

    async def entries(
        self, watchlist_id: str, after: Fingerprint, most: int
    ) -> Sequence[WatchlistEntry]:
        """Return entries by fingerprint, after the given one."""

    async def find(self, fingerprints: Sequence[Fingerprint]) -> Sequence[WatchlistEntry]:
        """Return every entry of every list with one of these fingerprints."""

    async def held(
        self, watchlist_id: str, fingerprints: Sequence[Fingerprint]
    ) -> frozenset[Fingerprint]:
        """Return those that the list holds in its current version, or an import has staged."""

    async def unchanged(self, watchlist_id: str, version: int) -> bool:
        """Return whether the list still is in this version, and nobody imports into it."""

    async def begin_import(
        self, once: Once, watchlist_id: str
    ) -> "WatchlistImport | FinishedImport":
        """Begin an import, or return what the same request's finished import did.

        AbortedError while another import of this list is under way (one whose process died is
        taken over after a minute without staging).
        """

    def fingerprints(self, watchlist_id: str) -> AsyncIterator[Sequence[Fingerprint]]:
        """Iterate over a list's fingerprints in batches, for loading the cache."""

    async def versions(self) -> Mapping[str, int]:
        """Return the current version of every list."""
