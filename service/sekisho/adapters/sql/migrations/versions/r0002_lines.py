"""Lines: the carrier's records and events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_table(
        "line_change",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_line_change"),
    )
    op.create_table(
        "line_event",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "event_id", name="pk_line_event"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_line_event_line_kind_at", "line_event", ["line", "kind", "at"], unique=False
    )
    op.create_table(
        "line_record",
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("record_at", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("line", name="pk_line_record"),
        sqlite_with_rowid=False,
    )
