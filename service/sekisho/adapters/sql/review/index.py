"""The desk's index: one row a decision, brought up to date from the ledger."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.feed_order import seq_of_row
from sekisho.adapters.sql.review.judged import Judged, judged, judged_rows
from sekisho.adapters.sql.review.rows import summaries
from sekisho.adapters.sql.schema import (
    review_case,
    review_change,
    review_identifier,
    review_reason,
)
from sekisho.adapters.sql.scripts import Again, Script
from sekisho.adapters.sql.statements import Dialect, Row, Statement, Value, insert_each
from sekisho.application.ports.review import CaseSummary
from sekisho.domain.review import Disposition, Queue, open_challenges, queue_of, risk_of

DueTimes = Mapping[Queue, int]
"""Within how many ms a case is to be reviewed once it came into a queue."""

_OF_THE_DECISION = (
    *("expires_at", "risk", "due_at", "revision", "state", "queue", "override"),
    *("reasons", "open_challenges", "line"),
)
"""The columns that a revision may change; analysts own the others."""


def _update(dialect: Dialect) -> sa.Update:
    columns = [review_case.c[name] for name in ("decision_id", *_OF_THE_DECISION)]
    keys = dialect.keys(*columns)
    return (
        sa.update(review_case)
        .where(review_case.c.decision_id == keys["decision_id"])
        .values({name: keys[name] for name in _OF_THE_DECISION})
    )


def _forget_reason(dialect: Dialect) -> sa.Delete:
    of = review_reason.c
    keys = dialect.keys(of.code, of.decided_at, of.decision_id)
    return sa.delete(review_reason).where(
        of.code == keys["code"],
        of.decided_at == keys["decided_at"],
        of.decision_id == keys["decision_id"],
    )


_INSERT = insert_each(review_case, unless=("decision_id",), counting=True)
_INSERT_NEW = insert_each(review_case, unless=("decision_id",), returning=("decision_id",))
_UPDATE = Statement(_update)
_IDENTIFIER = insert_each(review_identifier, unless=("fingerprint", "decided_at", "decision_id"))
_REASON = insert_each(review_reason, unless=("code", "decided_at", "decision_id"))
_FORGET_REASON = Statement(_forget_reason)
_CHANGE = insert_each(review_change, seq=seq_of_row)


def index_new(decisions: Sequence[Row], due: DueTimes) -> Script[list[bytes]]:
    """Add rows for decisions as they were made, given with COLUMNS; return those that had none.

    Whoever revises one has it brought up to date.
    """
    if not decisions:
        return []
    # In order: two who add the same cases must not wait for each other.
    found = yield from judged_rows(sorted(decisions, key=lambda row: bytes(row[0])), {})
    rows = [_row(each, None, due) for each in found]
    inserted = {bytes(row[0]) for row in (yield _INSERT_NEW.each(rows))}
    new = [each for each in found if each.first.decision_id in inserted]
    yield from _follow(new, {})
    return [each.first.decision_id for each in new]


def index_all(
    decision_ids: Sequence[bytes], due: DueTimes, *, anew: bool = False
) -> Script[list[bytes]]:
    """Bring these decisions' rows up to date, and lock them; return which were not.

    Those that do not exist are left out. `anew`: also where the row has the decision's latest
    revision, since what analysts own changed.
    """
    ids = sorted(set(decision_ids))
    kept = {each.decision_id: each for each in (yield from summaries(ids, lock=True))}
    # After the lock: what is read now cannot be older than what the row has.
    found = yield from judged(ids)
    moved = [
        each
        for each in found
        if each.first.decision_id not in kept
        or anew
        or kept[each.first.decision_id].revision < each.latest.revision
    ]
    rows = [_row(each, kept.get(each.first.decision_id), due) for each in moved]
    new = [row for row in rows if row["decision_id"] not in kept]
    yield from _insert(new)
    older = [row for row in rows if row["decision_id"] in kept]
    if older:
        names = ("decision_id", *_OF_THE_DECISION)
        yield _UPDATE.each([{name: row[name] for name in names} for row in older])
    yield from _follow(moved, kept)
    return [each.first.decision_id for each in moved]


def _insert(rows: Sequence[dict[str, Value]]) -> Script[None]:
    """Add rows; where somebody was faster: Again."""
    if rows and (yield _INSERT.each(rows))[0][0] < len(rows):
        raise Again


def note_changes(decision_ids: Sequence[bytes], now: int) -> Script[None]:
    """Tell those who watch that these cases changed: once in a transaction, for its rows are
    numbered by it."""
    if decision_ids:
        yield _CHANGE.each([{"at": now, "decision_id": id_} for id_ in decision_ids])


def _follow(moved: Sequence[Judged], kept: Mapping[bytes, CaseSummary]) -> Script[None]:
    """Keep what cases are found by: identifiers and reasons."""
    identifiers: list[dict[str, Value]] = []
    reasons: list[dict[str, Value]] = []
    gone: list[dict[str, Value]] = []
    for each in moved:
        first = each.first
        here: dict[str, Value] = {"decided_at": first.decided_at, "decision_id": first.decision_id}
        identifiers += (
            {**here, "fingerprint": i.fingerprint, "role": codes.ROLE.number[i.role]}
            for i in each.identifiers
        )
        fired = {reason.code for reason in each.judgement.reasons}
        reasons += ({**here, "code": code} for code in sorted(fired))
        if first.decision_id in kept:
            before = set(kept[first.decision_id].reasons)
            gone += ({**here, "code": code} for code in sorted(before - fired))
    for statement, rows in ((_IDENTIFIER, identifiers), (_REASON, reasons), (_FORGET_REASON, gone)):
        if rows:
            yield statement.each(rows)


def _row(each: Judged, kept: CaseSummary | None, due: DueTimes) -> dict[str, Value]:
    first, latest = each.first, each.latest
    disposition = kept.disposition if kept else None
    queue, since = _waits(each, disposition)
    reasons = sorted(each.judgement.reasons, key=lambda r: (not r.hard, -r.weight, r.code))
    line = next((i.masked for i in each.identifiers if i.role == "line"), "")
    clerk = next((i for i in each.identifiers if i.role == "clerk"), None)
    allowed = due.get(queue)
    return {
        "decision_id": first.decision_id,
        "decided_at": first.decided_at,
        "expires_at": latest.expires_at,
        "risk": float(risk_of(each.judgement)),
        "due_at": None if allowed is None else since + allowed,
        "lease_expires_at": None,
        "reviewed_at": None,
        "revision": latest.revision,
        "review_revision": 0,
        "kind": codes.KIND.number[each.kind],
        "verdict": codes.VERDICT.number[first.verdict],
        "state": codes.STATE.number[latest.state],
        "queue": codes.QUEUE.number[queue],
        "disposition": 0,
        "review": 0,
        "degraded": first.degraded,
        "override": latest.override,
        "escalated": False,
        "missed": False,
        "case_number": first.case_number,
        "shop": first.shop,
        "terminal": each.terminal,
        "line": line,
        "reasons": f" {' '.join(reason.code for reason in reasons)} " if reasons else "",
        "open_challenges": bytes(codes.CHALLENGE.number[c] for c in open_challenges(latest)),
        "assignee": "",
        "group_id": "",
        "clerk": clerk.fingerprint if clerk else b"",
        "clerk_masked": clerk.masked if clerk else "",
    }


def _waits(each: Judged, disposition: Disposition | None) -> tuple[Queue, int]:
    """Return where it waits, and since when (Unix ms)."""
    verdict = each.first.verdict
    queue = queue_of(each.latest, verdict, disposition)
    since = each.first.decided_at
    for at, standing in reversed(each.standings):
        if queue_of(standing, verdict, disposition) is not queue:
            break
        since = at
    return queue, since
