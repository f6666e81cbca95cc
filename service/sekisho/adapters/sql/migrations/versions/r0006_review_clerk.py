"""The clerk of a case, for figures."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go up from the revision before."""
    # Nothing has written the table before this revision; SQLite wants a default all the same.
    op.add_column(
        "review_case",
        sa.Column("clerk", sa.LargeBinary(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "review_case",
        sa.Column("clerk_masked", sa.Text(), nullable=False, server_default=sa.text("''")),
    )
