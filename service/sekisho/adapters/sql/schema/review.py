"""The fraud team's desk: an index of all decisions, and what analysts did."""

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

review_case = sa.Table(
    "review_case",
    metadata,
    sa.Column("decision_id", Bytes, primary_key=True),
    required("decided_at", Int),
    required("expires_at", Int),
    required("risk", sa.Double),
    sa.Column("due_at", Int),
    sa.Column("lease_expires_at", Int),
    sa.Column("reviewed_at", Int),
    required("revision", sa.Integer),
    required("review_revision", sa.Integer),
    required("kind", Small),
    required("verdict", Small),
    required("state", Small),
    required("queue", Small),
    required("disposition", Small),
    required("review", Small),
    flag("degraded"),
    flag("override"),
    flag("escalated"),
    flag("missed"),
    required("case_number", Text),
    required("shop", Text),
    required("terminal", Text),
    required("line", Text),
    required("reasons", Text),
    required("open_challenges", Bytes),
    required("assignee", Text),
    required("group_id", Text),
    required("clerk", Bytes),
    required("clerk_masked", Text),
    sa.Index(None, "decided_at", "decision_id"),
    sa.Index(None, "shop", "decided_at", "decision_id"),
    sa.Index(None, "case_number"),
    sqlite_with_rowid=False,
)
"""One row a decision, as it stands now. The indexer owns what the decision says; analysts' acts
own `lease_expires_at`, `reviewed_at`, `review_revision`, `disposition`, `review`, `escalated`,
`missed`, `assignee` and `group_id`; `queue` and `due_at` follow from both.

`verdict` is the first one; `review` is 0, 1 approved or 2 declined, at `reviewed_at`;
`disposition` is 0 where nothing is found yet; `reasons` are codes with a space between and around
them; empty texts stand for none."""

_WAITING = review_case.c.queue > 1
_KNOWN = review_case.c.disposition > 0
_GROUPED = review_case.c.group_id != ""
_CLAIMED = review_case.c.assignee != ""

NOTED = sa.or_(
    review_case.c.verdict == sa.literal_column("2"),
    review_case.c.degraded,
    review_case.c.override,
    review_case.c.missed,
    review_case.c.disposition > sa.literal_column("0"),
    review_case.c.review > sa.literal_column("0"),
)
"""Decisions that figures count as more than a decision: few. As it stands in the partial index,
which no parameter matches."""

sa.Index(
    "ix_review_case_by_clerk",
    review_case.c.clerk,
    review_case.c.shop,
    review_case.c.clerk_masked,
    review_case.c.decided_at,
)
sa.Index(
    "ix_review_case_noted",
    review_case.c.decided_at,
    review_case.c.shop,
    review_case.c.clerk,
    review_case.c.verdict,
    review_case.c.state,
    review_case.c.degraded,
    review_case.c.override,
    review_case.c.missed,
    review_case.c.review,
    review_case.c.disposition,
    review_case.c.reviewed_at,
    sqlite_where=NOTED,
    postgresql_where=NOTED,
)

sa.Index(
    "ix_review_case_by_risk",
    review_case.c.queue,
    review_case.c.escalated.desc(),
    review_case.c.risk.desc(),
    review_case.c.decided_at,
    review_case.c.decision_id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index(
    "ix_review_case_by_age",
    review_case.c.queue,
    review_case.c.decided_at,
    review_case.c.decision_id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index(
    "ix_review_case_by_shop",
    review_case.c.shop,
    review_case.c.queue,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index(
    "ix_review_case_by_due_time",
    review_case.c.queue,
    review_case.c.due_at,
    review_case.c.decision_id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
sa.Index(
    "ix_review_case_by_disposition",
    review_case.c.disposition,
    review_case.c.decided_at,
    sqlite_where=_KNOWN,
    postgresql_where=_KNOWN,
)
sa.Index(
    "ix_review_case_by_group",
    review_case.c.group_id,
    review_case.c.decided_at,
    sqlite_where=_GROUPED,
    postgresql_where=_GROUPED,
)
sa.Index(
    "ix_review_case_by_assignee",
    review_case.c.assignee,
    review_case.c.lease_expires_at,
    sqlite_where=_CLAIMED,
    postgresql_where=_CLAIMED,
)

review_identifier = sa.Table(
    "review_identifier",
    metadata,
    sa.Column("fingerprint", Bytes, primary_key=True),
    sa.Column("decided_at", Int, primary_key=True, autoincrement=False),
    sa.Column("decision_id", Bytes, primary_key=True),
    required("role", Small),
    sqlite_with_rowid=False,
)
"""Which decisions have an identifier, newest last: what links follow."""

review_reason = sa.Table(
    "review_reason",
    metadata,
    sa.Column("code", Text, primary_key=True),
    sa.Column("decided_at", Int, primary_key=True, autoincrement=False),
    sa.Column("decision_id", Bytes, primary_key=True),
    sqlite_with_rowid=False,
)
"""In which decisions a rule fired, by the latest assessment of each."""

review_place = sa.Table(
    "review_place",
    metadata,
    sa.Column("name", Text, primary_key=True),
    required("decisions", Int),
    required("events", Int),
    sqlite_with_rowid=False,
)
"""How far the indexer has read the ledger's feeds: one row, moved together with what it wrote."""

review_change = sa.Table(
    "review_change",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),
    required("at", Int),
    required("decision_id", Bytes),
)
"""The feed of the desk: a row whenever a case changed. Dropped after an hour: who watches is
further on, or begins anew."""

review_trail = sa.Table(
    "review_trail",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=False),
    required("at", Int),
    required("decision_id", Bytes),
    required("actor", Text),
    required("act", Text),
    required("case_number", Text),
    required("summary", Text),
    required("note", Text),
    sa.Index(None, "decision_id", "seq"),
    sa.Index(None, "actor", "seq"),
)
"""What analysts did: one row an act, never changed. `decision_id` is empty for what concerns no
case."""

review_group = sa.Table(
    "review_group",
    metadata,
    sa.Column("id", Text, primary_key=True),
    required("created_at", Int),
    required("updated_at", Int),
    required("revision", sa.Integer),
    required("display_name", Text),
    required("description", Text),
    required("assignee", Text),
    sa.Index(None, "updated_at", "id"),
    sqlite_with_rowid=False,
)
"""Named groups of cases: the members are in review_case."""

review_follower = sa.Table(
    "review_follower",
    metadata,
    sa.Column("group_id", Text, primary_key=True),
    sa.Column("actor", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Who follows a group."""
