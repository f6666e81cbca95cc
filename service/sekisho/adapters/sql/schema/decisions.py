"""Decisions, their revisions, and what they rest on."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema.base import (
    Bytes,
    Int,
    Sequence,
    Small,
    Text,
    flag,
    metadata,
    required,
)

decision = sa.Table(
    "decision",
    metadata,
    # Wide columns first: PostgreSQL aligns them, and every byte counts here.
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),
    required("decided_at", Int),
    required("expires_at", Int),
    required("verdict", Small),
    required("kind", Small),
    required("cause", Small),
    flag("degraded"),
    required("id", Bytes),
    required("request_id", Bytes),
    required("body_digest", Bytes),
    required("shop", Text),
    required("terminal", Text),
    required("case_number", Text),
    required("detail", Bytes),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("shop", "request_id"),
    sa.Index(None, "case_number"),
)
"""One row a decision, never changed. `detail` is DecisionDetail."""

decision_event = sa.Table(
    "decision_event",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),
    required("at", Int),
    required("revision", sa.Integer),
    required("decision_id", Bytes),
    required("kind", Text),
    required("terminal", Text),
    required("summary", Text),
    required("detail", Bytes),
    sa.Column("account", Bytes),
    sa.UniqueConstraint("decision_id", "revision"),
)
"""One row a revision, never changed. `detail` is EventDetail; `account` stands apart, since
only a case reads it."""

open_step_up = sa.Table(
    "open_step_up",
    metadata,
    sa.Column("decision_id", Bytes, primary_key=True),
    required("expires_at", Int),
    sa.Column("sealed_change", Bytes),
    sa.Index(None, "expires_at"),
)
"""The step-ups that are open now, with the sealed request: working data, not record."""

basis = sa.Table(
    "basis",
    metadata,
    sa.Column("digest", Bytes, primary_key=True),
    required("content", Bytes),
    sqlite_with_rowid=False,
)
"""What many decisions share, by the digest of its content: rules as they fire, policy and
watchlist versions, fact names (see basis.py)."""

policy = sa.Table(
    "policy",
    metadata,
    sa.Column("version", Text, primary_key=True),
    required("texts", Bytes),
    sqlite_with_rowid=False,
)
"""The rules' texts of every policy version that ever judged."""
