"""Entries of watchlists, one by one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes, once
from sekisho.adapters.sql.schema import (
    watchlist,
    watchlist_entry,
    watchlist_import,
    watchlist_staged,
    watchlist_text,
)
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Statement, Value, insert_each
from sekisho.adapters.sql.watchlist_rows import (
    BY_ID,
    ENTRIES,
    ENTRY_COLUMNS,
    KEEP_TEXTS,
    LEASE_MS,
    content,
    found_list,
    no_such_list,
    read_entry,
    read_list,
)
from sekisho.adapters.sql.wire import decoder
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import WatchlistEntry
from sekisho.domain.errors import AbortedError, NotFoundError

_READ = decoder(WatchlistEntry)

_id = sa.bindparam("id", type_=sa.Text)
_set_id = sa.bindparam("set_id", type_=sa.BigInteger)
_fingerprint = sa.bindparam("fingerprint", type_=sa.LargeBinary)
_now = sa.bindparam("now", type_=sa.BigInteger)


def _next_version(_dialect: Dialect) -> sa.ClauseElement:
    growth = sa.bindparam("growth", type_=sa.BigInteger)
    return (
        sa.update(watchlist)
        .where(watchlist.c.id == _id)
        .values(
            version=watchlist.c.version + 1,
            entry_count=watchlist.c.entry_count + growth,
            updated_at=_now,
        )
    )


_LOCK = Statement(
    # Not SELECT FOR UPDATE: SQLite has none, and needs none.
    lambda _: (
        sa.update(watchlist)
        .where(watchlist.c.id == _id)
        .values(updated_at=watchlist.c.updated_at)
        .returning(watchlist.c.set_id)
    )
)
_NEXT_VERSION = Statement(_next_version)
_STALE_IMPORT = Statement(
    lambda _: sa.delete(watchlist_import).where(
        watchlist_import.c.watchlist == _id,
        watchlist_import.c.activating,
        watchlist_import.c.heartbeat_at < sa.bindparam("stale", type_=sa.BigInteger),
    )
)
_ACTIVATING = Statement(
    lambda _: sa.select(watchlist_import.c.set_id).where(
        watchlist_import.c.watchlist == _id, watchlist_import.c.activating
    )
)
_CREATED_AT = Statement(
    lambda _: sa.select(watchlist_entry.c.created_at).where(
        watchlist_entry.c.set_id == _set_id, watchlist_entry.c.fingerprint == _fingerprint
    )
)
_LAST_TEXT = Statement(
    lambda _: (
        sa.select(watchlist_text.c.id, watchlist_text.c.reason, watchlist_text.c.source)
        .where(watchlist_text.c.set_id == _set_id)
        .order_by(watchlist_text.c.id.desc())
        .limit(1)
    )
)
_KEEP = insert_each(
    watchlist_entry,
    unless=("set_id", "fingerprint"),
    replacing=("starts_at", "expires_at", "text_id", "kind", "weak", "masked"),
)
_REMOVE = Statement(
    lambda _: (
        sa.delete(watchlist_entry)
        .where(watchlist_entry.c.set_id == _set_id, watchlist_entry.c.fingerprint == _fingerprint)
        .returning(watchlist_entry.c.fingerprint)
    )
)
_PAGE = Statement(
    lambda _: (
        sa.select(*ENTRY_COLUMNS)
        .select_from(ENTRIES)
        .where(watchlist.c.id == _id, watchlist_entry.c.fingerprint > _fingerprint)
        .order_by(watchlist_entry.c.fingerprint)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
)
_FINGERPRINTS = Statement(
    lambda _: (
        sa.select(watchlist_entry.c.fingerprint)
        .where(watchlist_entry.c.set_id == _set_id, watchlist_entry.c.fingerprint > _fingerprint)
        .order_by(watchlist_entry.c.fingerprint)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
)


def _find(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(watchlist_entry.c.fingerprint)
    return (
        sa.select(*ENTRY_COLUMNS)
        .select_from(ENTRIES)
        .where(watchlist_entry.c.fingerprint == keys["fingerprint"])
    )


def _held(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(watchlist_entry.c.fingerprint)
    return (
        sa.select(watchlist_entry.c.fingerprint)
        .select_from(
            watchlist.join(watchlist_entry, watchlist_entry.c.set_id == watchlist.c.set_id)
        )
        .where(watchlist.c.id == _id, watchlist_entry.c.fingerprint == keys["fingerprint"])
    )


def _staged(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(watchlist_staged.c.shard, watchlist_staged.c.fingerprint)
    return (
        sa.select(watchlist_staged.c.fingerprint)
        .select_from(
            watchlist_import.join(
                watchlist_staged, watchlist_staged.c.set_id == watchlist_import.c.set_id
            )
        )
        .where(
            watchlist_import.c.watchlist == _id,
            watchlist_staged.c.shard == keys["shard"],
            watchlist_staged.c.fingerprint == keys["fingerprint"],
        )
    )


_FIND = Statement(_find)
_HELD = Statement(_held)
_STAGED = Statement(_staged)
_IMPORTING = Statement(
    lambda _: sa.select(watchlist_import.c.set_id).where(watchlist_import.c.watchlist == _id)
)


def add(request: Once, entry: WatchlistEntry, now: int) -> Script[WatchlistEntry]:
    """Add or replace an entry; one that is replaced keeps its `created_at`."""
    done = yield from once.done_before(request)
    if done is not None:
        return _READ.decode(done)
    added = yield from put(entry, now)
    yield from once.keep(request, content(added), now)
    return added


def put(entry: WatchlistEntry, now: int) -> Script[WatchlistEntry]:
    """Add or replace an entry within a transaction: the list's next version."""
    set_id = yield from _lock(entry.watchlist, now)
    rows = yield _CREATED_AT(set_id=set_id, fingerprint=entry.fingerprint)
    added = replace(entry, created_at=rows[0][0]) if rows else entry
    row: dict[str, Value] = {
        "set_id": set_id,
        "text_id": (yield from _text(set_id, entry.reason, entry.source)),
        **entry_values(added),
    }
    yield _KEEP.each([row])
    yield _NEXT_VERSION(id=entry.watchlist, growth=0 if rows else 1, now=now)
    return added


def put_at_least(entry: WatchlistEntry, now: int) -> Script[WatchlistEntry]:
    """Add an entry as `put` does, but never shorten one that is there: the later end counts."""
    there = [e for e in (yield from find([entry.fingerprint])) if e.watchlist == entry.watchlist]
    ends = [each.expires_at for each in (entry, *there)]
    longest = None if None in ends else max(end for end in ends if end is not None)
    return (yield from put(replace(entry, expires_at=longest), now))


def remove(request: Once, watchlist_id: str, fingerprint: Fingerprint, now: int) -> Script[None]:
    """Remove an entry. NotFoundError."""
    if (yield from once.done_before(request)) is not None:
        return
    set_id = yield from _lock(watchlist_id, now)
    if not (yield _REMOVE(set_id=set_id, fingerprint=fingerprint)):
        raise NotFoundError("no such watchlist entry")
    yield _NEXT_VERSION(id=watchlist_id, growth=-1, now=now)
    yield from once.keep(request, b"", now)


def _lock(watchlist_id: str, now: int) -> Script[int]:
    """Keep others from changing the list until the commit; return the set of its entries.

    While an import takes over, it compares with the entries as they are: AbortedError.
    """
    rows = yield _LOCK(id=watchlist_id)
    if not rows:
        raise no_such_list()
    yield _STALE_IMPORT(id=watchlist_id, stale=now - LEASE_MS)
    if (yield _ACTIVATING(id=watchlist_id)):
        raise AbortedError("an import of this watchlist is being activated")
    return int(rows[0][0])


def _text(set_id: int, reason: str, source: str) -> Script[int]:
    """Return the id of a text, the last one's where it is the same."""
    rows = yield _LAST_TEXT(set_id=set_id)
    if rows and tuple(rows[0][1:]) == (reason, source):
        return int(rows[0][0])
    text_id = rows[0][0] + 1 if rows else 1
    yield KEEP_TEXTS.each([{"set_id": set_id, "id": text_id, "reason": reason, "source": source}])
    return int(text_id)


def entry_values(entry: WatchlistEntry) -> dict[str, Value]:
    """Return what a row keeps of an entry, but for set and text."""
    return {
        "fingerprint": entry.fingerprint,
        "kind": codes.IDENTIFIER.number[entry.kind],
        "masked": entry.masked,
        "weak": entry.weak,
        "starts_at": entry.starts_at,
        "expires_at": entry.expires_at,
        "created_at": entry.created_at,
    }


def page(watchlist_id: str, after: Fingerprint, most: int) -> Script[Sequence[WatchlistEntry]]:
    """Return entries by fingerprint, after the given one. NotFoundError."""
    yield from found_list(watchlist_id)
    rows = yield _PAGE(id=watchlist_id, fingerprint=after, most=most)
    return [read_entry(row) for row in rows]


def find(fingerprints: Sequence[Fingerprint]) -> Script[Sequence[WatchlistEntry]]:
    """Return every entry of every list with one of these fingerprints."""
    rows = yield _FIND.each([{"fingerprint": each} for each in dict.fromkeys(fingerprints)])
    return [read_entry(row) for row in rows]


def held(watchlist_id: str, fingerprints: Sequence[Fingerprint]) -> Script[frozenset[Fingerprint]]:
    """Return those that the list holds, or that an import has staged."""
    keys: list[dict[str, Value]] = [
        {"fingerprint": each, "shard": each[0]} for each in dict.fromkeys(fingerprints)
    ]
    staged = yield _STAGED.each(keys, id=watchlist_id)
    # After the staged ones: what an import makes the list's own is seen in one place at least.
    rows = yield _HELD.each(keys, id=watchlist_id)
    return frozenset(bytes(row[0]) for row in (*staged, *rows))


def unchanged(watchlist_id: str, version: int) -> Script[bool]:
    """Return whether the list still is in this version, and nobody imports into it."""
    importing = yield _IMPORTING(id=watchlist_id)
    # After the import: one that ends between the two is seen in the version.
    found = yield BY_ID(id=watchlist_id)
    return not importing and any(read_list(row).version == version for row in found)


def fingerprints_of(
    set_id: int, after: Fingerprint, most: int
) -> Callable[[], Script[list[Fingerprint]]]:
    """Return the script that reads a set's fingerprints after the given one."""

    def script() -> Script[list[Fingerprint]]:
        rows = yield _FINGERPRINTS(set_id=set_id, fingerprint=after, most=most)
        return [bytes(row[0]) for row in rows]

    return script
