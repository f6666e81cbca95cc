"""Rows of the desk's index, in and out of their columns."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.schema import review_case
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Row, Statement
from sekisho.application.ports.review import CaseSummary

COLUMNS: Sequence[sa.ColumnElement[Any]] = (
    review_case.c.decision_id,
    review_case.c.case_number,
    review_case.c.decided_at,
    review_case.c.expires_at,
    review_case.c.kind,
    review_case.c.shop,
    review_case.c.terminal,
    review_case.c.line,
    review_case.c.state,
    review_case.c.verdict,
    review_case.c.degraded,
    review_case.c.risk,
    review_case.c.reasons,
    review_case.c.open_challenges,
    review_case.c.queue,
    review_case.c.due_at,
    review_case.c.assignee,
    review_case.c.lease_expires_at,
    review_case.c.escalated,
    review_case.c.disposition,
    review_case.c.missed,
    review_case.c.group_id,
    review_case.c.revision,
    review_case.c.review_revision,
)
"""What `summary` reads, in its order."""


def summary(row: Row) -> CaseSummary:
    """Read one row."""
    decision_id, case_number, decided_at, expires_at, kind, shop, terminal, line, state = row[:9]
    verdict, degraded, risk, reasons, challenges, queue, due_at = row[9:16]
    assignee, lease, escalated, disposition, missed, group_id = row[16:22]
    revision, review_revision = row[22:]
    return CaseSummary(
        decision_id=bytes(decision_id),
        case_number=case_number,
        decided_at=decided_at,
        expires_at=expires_at,
        kind=codes.KIND.word[kind],
        shop=shop,
        terminal=terminal,
        line=line,
        state=codes.STATE.word[state],
        verdict=codes.VERDICT.word[verdict],
        degraded=bool(degraded),
        risk=risk,
        reasons=tuple(reasons.split()),
        open_challenges=tuple(codes.CHALLENGE.word[number] for number in bytes(challenges)),
        queue=codes.QUEUE.word[queue],
        due_at=due_at,
        assignee=assignee,
        lease_expires_at=lease,
        escalated=bool(escalated),
        disposition=codes.DISPOSITION.word.get(disposition),
        missed=bool(missed),
        group=group_id,
        revision=revision,
        review_revision=review_revision,
    )


def _summaries(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(review_case.c.decision_id)
    return sa.select(*COLUMNS).where(review_case.c.decision_id == keys["decision_id"])


def _locked(dialect: Dialect) -> sa.Select[Any]:
    # SQLite has one writer at a time, and no such lock.
    return _summaries(dialect).with_for_update(of=review_case)


_SUMMARIES = Statement(_summaries)
_LOCKED = Statement(_locked)


def summaries(decision_ids: Sequence[bytes], *, lock: bool = False) -> Script[list[CaseSummary]]:
    """Return these cases, in the order asked for; those not indexed are left out.

    `lock`: nobody else changes them until this transaction ends.
    """
    # In order: two who lock the same cases must not wait for each other.
    keys = [{"decision_id": id_} for id_ in sorted(set(decision_ids))]
    rows = yield (_LOCKED if lock else _SUMMARIES).each(keys)
    found = {bytes(row[0]): summary(row) for row in rows}
    return [found[id_] for id_ in decision_ids if id_ in found]
