"""Indexes that figures are counted along."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NOTED = (
    "verdict = 2 OR degraded{true} OR override{true} OR missed{true} "
    "OR disposition > 0 OR review > 0"
)


def upgrade() -> None:
    """Go up from the revision before."""
    op.create_index(
        "ix_review_case_by_clerk",
        "review_case",
        ["clerk", "shop", "clerk_masked", "decided_at"],
    )
    op.create_index(
        "ix_review_case_noted",
        "review_case",
        [
            "decided_at",
            "shop",
            "clerk",
            "verdict",
            "state",
            "degraded",
            "override",
            "missed",
            "review",
            "disposition",
            "reviewed_at",
        ],
        sqlite_where=sa.text(_NOTED.format(true=" = 1")),
        postgresql_where=sa.text(_NOTED.format(true="")),
    )
