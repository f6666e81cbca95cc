"""Shops and their usual rates."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_table(
        "counted_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_counted_day"),
    )
    op.create_table(
        "shop",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shop"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shop_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("clerks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "shop", name="pk_shop_day"),
        sqlite_with_rowid=False,
    )
