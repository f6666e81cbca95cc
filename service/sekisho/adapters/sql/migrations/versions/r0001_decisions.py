"""Decisions, their revisions, and the order of the feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FEED_SEQ = """
CREATE FUNCTION feed_seq(ordinal bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (value + pg_current_xact_id()::text::bigint) << 11 | ordinal
    FROM counter WHERE name = 'feed_base'
$$
"""
FEED_BOUND = """
CREATE FUNCTION feed_bound() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (value + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 11
    FROM counter WHERE name = 'feed_base'
$$
"""


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_table(
        "basis",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_basis"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("request_id", sa.LargeBinary(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
        sa.UniqueConstraint("shop", "request_id", name="uq_decision_shop_request_id"),
    )
    op.create_index("ix_decision_case_number", "decision", ["case_number"], unique=False)
    op.create_table(
        "decision_event",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_decision_event"),
        sa.UniqueConstraint(
            "decision_id", "revision", name="uq_decision_event_decision_id_revision"
        ),
    )
    op.create_table(
        "open_step_up",
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_change", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name="pk_open_step_up"),
    )
    op.create_index("ix_open_step_up_expires_at", "open_step_up", ["expires_at"], unique=False)
    op.create_table(
        "policy",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_policy"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "request_once",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("request_id", sa.LargeBinary(), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "request_id", name="pk_request_once"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('feed_base', 0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FEED_SEQ)
        op.execute(FEED_BOUND)
