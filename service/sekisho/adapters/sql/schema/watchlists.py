"""Watchlists: an import builds a set of entries apart, and one short transaction makes it the
list's own."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema.base import Bytes, Int, Small, Text, flag, metadata, required

watchlist = sa.Table(
    "watchlist",
    metadata,
    sa.Column("id", Text, primary_key=True),
    required("number", sa.Integer),
    required("set_id", Int),
    required("display_name", Text),
    required("description", Text),
    required("version", Int),
    required("entry_count", Int),
    required("created_at", Int),
    required("updated_at", Int),
    sqlite_with_rowid=False,
)
"""`set_id` is the set whose entries count now."""

watchlist_set = sa.Table(
    "watchlist_set",
    metadata,
    sa.Column("id", Int, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Every set that has rows somewhere. One that is neither a list's own nor that of an import
under way is to be swept."""

watchlist_entry = sa.Table(
    "watchlist_entry",
    metadata,
    sa.Column("set_id", Int, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", Bytes, primary_key=True),
    required("created_at", Int),
    sa.Column("starts_at", Int),
    sa.Column("expires_at", Int),
    required("text_id", sa.Integer),
    required("kind", Small),
    flag("weak"),
    required("masked", Text),
    sqlite_with_rowid=False,
)

watchlist_text = sa.Table(
    "watchlist_text",
    metadata,
    sa.Column("set_id", Int, primary_key=True, autoincrement=False),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    required("reason", Text),
    required("source", Text),
    sqlite_with_rowid=False,
)
"""Reason and source, once for the many entries of a set that share them."""

watchlist_staged = sa.Table(
    "watchlist_staged",
    metadata,
    sa.Column("set_id", Int, primary_key=True, autoincrement=False),
    sa.Column("shard", Small, primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    required("created_at", Int),
    sa.Column("starts_at", Int),
    sa.Column("expires_at", Int),
    required("text_id", sa.Integer),
    required("kind", Small),
    flag("weak"),
    required("fingerprint", Bytes),
    required("masked", Text),
    sqlite_with_rowid=False,
)
"""What an import brought, as it came. `shard` is the fingerprint's first byte: rows arrive in
any order, and 256 places to append to cost far less than a place of its own for each."""

watchlist_import = sa.Table(
    "watchlist_import",
    metadata,
    sa.Column("watchlist", Text, primary_key=True),
    required("set_id", Int),
    required("heartbeat_at", Int),
    flag("activating"),
    sqlite_with_rowid=False,
)
"""The import that is under way for a list. It is given up when its heart has not beaten for a
minute."""
