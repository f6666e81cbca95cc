"""The fraud team's desk."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_table(
        "review_case",
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("review_revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("verdict", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("queue", sa.SmallInteger(), nullable=False),
        sa.Column("disposition", sa.SmallInteger(), nullable=False),
        sa.Column("review", sa.SmallInteger(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("open_challenges", sa.LargeBinary(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_review_case"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_review_case_by_age",
        "review_case",
        ["queue", "decided_at", "decision_id"],
        sqlite_where=sa.text("queue > 1"),
        postgresql_where=sa.text("queue > 1"),
    )
    op.create_index(
        "ix_review_case_by_assignee",
        "review_case",
        ["assignee", "lease_expires_at"],
        sqlite_where=sa.text("assignee != ''"),
        postgresql_where=sa.text("assignee != ''"),
    )
    op.create_index(
        "ix_review_case_by_disposition",
        "review_case",
        ["disposition", "decided_at"],
        sqlite_where=sa.text("disposition > 0"),
        postgresql_where=sa.text("disposition > 0"),
    )
    op.create_index(
        "ix_review_case_by_due_time",
        "review_case",
        ["queue", "due_at", "decision_id"],
        sqlite_where=sa.text("queue > 1"),
        postgresql_where=sa.text("queue > 1"),
    )
    op.create_index(
        "ix_review_case_by_group",
        "review_case",
        ["group_id", "decided_at"],
        sqlite_where=sa.text("group_id != ''"),
        postgresql_where=sa.text("group_id != ''"),
    )
    op.create_index(
        "ix_review_case_by_risk",
        "review_case",
        [
            "queue",
            sa.literal_column("escalated DESC"),
            sa.literal_column("risk DESC"),
            "decided_at",
            "decision_id",
        ],
        sqlite_where=sa.text("queue > 1"),
        postgresql_where=sa.text("queue > 1"),
    )
    op.create_index("ix_review_case_case_number", "review_case", ["case_number"])
    op.create_index(
        "ix_review_case_decided_at_decision_id", "review_case", ["decided_at", "decision_id"]
    )
    op.create_index(
        "ix_review_case_shop_decided_at_decision_id",
        "review_case",
        ["shop", "decided_at", "decision_id"],
    )
    op.create_table(
        "review_change",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_review_change"),
    )
    op.create_table(
        "review_follower",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "actor", name="pk_review_follower"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_group"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_review_group_updated_at_id", "review_group", ["updated_at", "id"])
    op.create_table(
        "review_identifier",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "fingerprint", "decided_at", "decision_id", name="pk_review_identifier"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_place",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("decisions", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_review_place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_reason",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "decided_at", "decision_id", name="pk_review_reason"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_trail",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_review_trail"),
    )
    op.create_index("ix_review_trail_actor_seq", "review_trail", ["actor", "seq"])
    op.create_index("ix_review_trail_decision_id_seq", "review_trail", ["decision_id", "seq"])
