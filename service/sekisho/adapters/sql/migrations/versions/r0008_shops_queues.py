"""An index of what waits of one shop."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_index(
        "ix_review_case_by_shop",
        "review_case",
        ["shop", "queue"],
        sqlite_where=sa.text("queue > 1"),
        postgresql_where=sa.text("queue > 1"),
    )
