"""Tables that several stores use."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema.base import Bytes, Int, Text, metadata, required

request_once = sa.Table(
    "request_once",
    metadata,
    sa.Column("caller", Text, primary_key=True),
    sa.Column("request_id", Bytes, primary_key=True),
    required("body_digest", Bytes),
    required("result", Bytes),
    required("at", Int),
    sqlite_with_rowid=False,
)
"""What each changing request other than an assessment did, written together with what it did."""

counter = sa.Table(
    "counter",
    metadata,
    sa.Column("name", Text, primary_key=True),
    required("value", Int),
    sqlite_with_rowid=False,
)
"""Numbers that only grow: of watchlists, of their sets, of the shops' revisions, and the base
of PostgreSQL's row numbers."""
