"""Fraud that came to light later."""

import sqlalchemy as sa

from sekisho.adapters.sql import codes, once
from sekisho.adapters.sql.review.acts import Encode, do, tell
from sekisho.adapters.sql.review.index import DueTimes
from sekisho.adapters.sql.review.rows import summaries
from sekisho.adapters.sql.schema import review_case, review_identifier
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Statement
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.review import CaseSummary, Decide
from sekisho.domain.decision import DecisionState

SIZE = 16
_PASSED = tuple(
    codes.STATE.number[each] for each in (DecisionState.ALLOWED, DecisionState.COMPLETED)
)
_ON_LINE = Statement(
    lambda _: (
        sa.select(review_case.c.decision_id)
        .select_from(
            review_identifier.join(
                review_case, review_case.c.decision_id == review_identifier.c.decision_id
            )
        )
        .where(
            review_identifier.c.fingerprint == sa.bindparam("line", type_=sa.LargeBinary),
            review_identifier.c.decided_at.between(
                sa.bindparam("start", type_=sa.BigInteger),
                sa.bindparam("end", type_=sa.BigInteger),
            ),
            sa.or_(*(review_case.c.state == number for number in _PASSED)),
        )
        .order_by(review_case.c.decided_at)
    )
)


def passed_on_line(line: bytes, start: int, end: int) -> Script[list[bytes]]:
    """Return the decisions on a line, made from `start` to `end` (Unix ms), that let a change
    pass."""
    rows = yield _ON_LINE(line=line, start=start, end=end)
    return [bytes(row[0]) for row in rows]


def report(
    request: Once,
    decision_ids: list[bytes],
    decide: Decide,
    encode: Encode,
    due: DueTimes,
    now: int,
) -> Script[list[CaseSummary]]:
    """Do one act to several cases, all or none."""
    done = yield from once.done_before(request)
    if done is None:
        acted = []
        for decision_id in sorted(set(decision_ids)):
            acted.append((yield from do(decision_id, None, decide, encode, due, now)))
        yield from tell(acted, (), now)
        done = b"".join(decision_ids)
        yield from once.keep(request, done, now)
    return (
        yield from summaries([done[start : start + SIZE] for start in range(0, len(done), SIZE)])
    )
