"""Lines: the carrier's records and events."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema.base import Bytes, Int, Sequence, Small, Text, metadata, required

line_record = sa.Table(
    "line_record",
    metadata,
    sa.Column("line", Bytes, primary_key=True),
    required("record_at", Int),
    required("revision", Int),
    required("content", Bytes),
    sqlite_with_rowid=False,
)
"""The latest record of each line. `revision` counts the records that came, older ones too."""

line_event = sa.Table(
    "line_event",
    metadata,
    sa.Column("caller", Text, primary_key=True),
    sa.Column("event_id", Bytes, primary_key=True),
    required("at", Int),
    required("line", Bytes),
    required("kind", Small),
    sa.Index(None, "line", "kind", "at"),
    sqlite_with_rowid=False,
)
"""Every event of every line."""

line_change = sa.Table(
    "line_change",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),
    required("at", Int),
    required("lines", Bytes),
)
"""The feed of lines: fingerprints, one after the other, of lines whose record or events grew."""
