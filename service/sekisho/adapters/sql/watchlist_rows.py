"""Rows of watchlists and entries, and the statements that several steps share."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.schema import (
    watchlist,
    watchlist_entry,
    watchlist_import,
    watchlist_set,
    watchlist_text,
)
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Row, Statement, insert_each
from sekisho.adapters.sql.wire import encode
from sekisho.application.ports.watchlists import Watchlist, WatchlistEntry
from sekisho.domain.errors import NotFoundError

LEASE_MS = 60_000
"""How long an import may be silent before it is given up."""

LIST_COLUMNS: Sequence[sa.ColumnElement[Any]] = (
    watchlist.c.id,
    watchlist.c.number,
    watchlist.c.display_name,
    watchlist.c.description,
    watchlist.c.version,
    watchlist.c.entry_count,
    watchlist.c.created_at,
    watchlist.c.updated_at,
    watchlist.c.set_id,
)
"""What `read_list` reads, in its order, and the set."""

ENTRY_COLUMNS: Sequence[sa.ColumnElement[Any]] = (
    watchlist.c.id,
    watchlist_entry.c.fingerprint,
    watchlist_entry.c.kind,
    watchlist_entry.c.masked,
    watchlist_entry.c.weak,
    watchlist_text.c.reason,
    watchlist_text.c.source,
    watchlist_entry.c.starts_at,
    watchlist_entry.c.expires_at,
    watchlist_entry.c.created_at,
)
"""What `read_entry` reads, in its order."""

ENTRIES = watchlist.join(watchlist_entry, watchlist_entry.c.set_id == watchlist.c.set_id).join(
    watchlist_text,
    sa.and_(
        watchlist_text.c.set_id == watchlist_entry.c.set_id,
        watchlist_text.c.id == watchlist_entry.c.text_id,
    ),
)
"""The entries that count, with their lists and texts."""

BY_ID = Statement(
    lambda _: sa.select(*LIST_COLUMNS).where(watchlist.c.id == sa.bindparam("id", type_=sa.Text))
)
KEEP_SET = insert_each(watchlist_set, unless=("id",))
KEEP_TEXTS = insert_each(watchlist_text, unless=("set_id", "id"))
END_IMPORT = Statement(
    lambda _: sa.delete(watchlist_import).where(
        watchlist_import.c.watchlist == sa.bindparam("id", type_=sa.Text)
    )
)


def read_list(row: Row) -> Watchlist:
    """Read a list."""
    return Watchlist(*row[:8])


def read_entry(row: Row) -> WatchlistEntry:
    """Read an entry."""
    id_, fingerprint, kind, masked, weak, reason, source, starts_at, expires_at, created_at = row
    return WatchlistEntry(
        watchlist=id_,
        fingerprint=bytes(fingerprint),
        kind=codes.IDENTIFIER.word[kind],
        masked=masked,
        weak=bool(weak),
        reason=reason,
        source=source,
        starts_at=starts_at,
        expires_at=expires_at,
        created_at=created_at,
    )


def content(value: Watchlist | WatchlistEntry) -> bytes:
    """Return a list or an entry in binary form, as the result of a request."""
    return encode(value)


def found_list(watchlist_id: str) -> Script[tuple[Watchlist, int]]:
    """Return a list and the set of its entries. NotFoundError."""
    rows = yield BY_ID(id=watchlist_id)
    if not rows:
        raise no_such_list()
    return read_list(rows[0]), rows[0][8]


def no_such_list() -> NotFoundError:
    """Return the error for a list that does not exist."""
    return NotFoundError("no such watchlist")
