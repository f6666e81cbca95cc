"""What an analyst does to a case: one transaction an act."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from sekisho.adapters.sql import codes, once
from sekisho.adapters.sql.append import Appending, append_all
from sekisho.adapters.sql.review.index import DueTimes, index_all, note_changes
from sekisho.adapters.sql.review.pages import next_free, of_cases
from sekisho.adapters.sql.review.rows import summaries
from sekisho.adapters.sql.review.trail import keep_entries
from sekisho.adapters.sql.schema import review_case
from sekisho.adapters.sql.scripts import Again, Script
from sekisho.adapters.sql.standings import no_such_decision, standing
from sekisho.adapters.sql.statements import Dialect, Statement
from sekisho.application.ports.ledger import NewEvent, Once
from sekisho.application.ports.review import (
    Act,
    Answer,
    CaseFilter,
    CaseSummary,
    Decide,
    Seen,
    TrailEntry,
)
from sekisho.domain.errors import AbortedError, CaseChangedError, QueueEmptyError, SekishoError

Encode = Callable[[NewEvent], Appending]

_ANSWERS = {Answer.APPROVED: 1, Answer.DECLINED: 2}
_TRIES = 20


def _write(dialect: Dialect) -> sa.Update:
    of = review_case.c
    names = ("assignee", "lease_expires_at", "escalated", "disposition", "missed", "group_id")
    keys = dialect.keys(of.decision_id, of.review, of.reviewed_at, *(of[name] for name in names))
    return (
        sa.update(review_case)
        .where(of.decision_id == keys["decision_id"])
        .values(
            review_revision=of.review_revision + 1,
            review=sa.case((keys["review"] > 0, keys["review"]), else_=of.review),
            reviewed_at=sa.case((keys["review"] > 0, keys["reviewed_at"]), else_=of.reviewed_at),
            **{name: keys[name] for name in names},
        )
    )


_WRITE = Statement(_write)


def act(
    request: Once,
    decision_id: bytes,
    seen: Seen | None,
    decide: Decide,
    encode: Encode,
    due: DueTimes,
    now: int,
) -> Script[CaseSummary]:
    """Do one act, or return the case where its request was here before."""
    done = yield from once.done_before(request)
    if done is not None:
        return (yield from one(done))
    acted = yield from do(decision_id, seen, decide, encode, due, now)
    yield from tell([acted], (), now)
    yield from once.keep(request, decision_id, now)
    return (yield from one(decision_id))


def take(
    request: Once, wanted: CaseFilter, decide: Decide, encode: Encode, due: DueTimes, now: int
) -> Script[CaseSummary]:
    """Do an act to the next case that nobody holds, or return what the same request took."""
    done = yield from once.done_before(request)
    if done is not None:
        return (yield from one(done))
    found = yield from _next(wanted, due)
    acted = yield from do(found, None, decide, encode, due, now)
    yield from tell([acted], (), now)
    yield from once.keep(request, found, now)
    return (yield from one(found))


def _next(wanted: CaseFilter, due: DueTimes) -> Script[bytes]:
    """Return the next case that nobody holds, and lock it. QueueEmptyError.

    The index may be a moment behind: a case that has left the queues is passed over.
    """
    for _ in range(_TRIES):
        found = yield from next_free(wanted)
        if found is None:
            raise QueueEmptyError("nothing waits that nobody holds")
        yield from index_all([found], due)
        if (yield from of_cases(wanted, [found])):
            return found
    raise AbortedError("the queue is changing; try again")


def do(
    decision_id: bytes, seen: Seen | None, decide: Decide, encode: Encode, due: DueTimes, now: int
) -> Script[Act]:
    """Do an act to a case, for `tell` to tell of. NotFoundError, CaseChangedError, and what
    `decide` raises."""
    yield from index_all([decision_id], due)
    # Locked by the index.
    case = yield from one(decision_id)
    if seen is not None and seen != (case.revision, case.review_revision):
        raise CaseChangedError("something happened to this case since you looked at it")
    stands = yield from standing(decision_id)
    if stands.revision != case.revision:
        raise Again
    done = decide(case, stands)
    if done.event is not None:
        yield from _revise(encode(done.event))
    yield from _keep(done, now)
    yield from index_all([decision_id], due, anew=True)
    return done


def tell(done: Sequence[Act], more: Sequence[TrailEntry], now: int) -> Script[None]:
    """Keep the trail of all that a transaction did, and tell those who watch."""
    yield from keep_entries([*more, *(entry for each in done for entry in each.entries)])
    yield from note_changes([each.case.decision_id for each in done], now)


def one(decision_id: bytes) -> Script[CaseSummary]:
    """Return a case that is indexed. NotFoundError where it does not exist."""
    found = yield from summaries([decision_id])
    if not found:
        raise no_such_decision()
    return found[0]


def _revise(appending: Appending) -> Script[None]:
    (outcome,) = yield from append_all([appending])
    if isinstance(outcome, AbortedError):
        # The shop came first, since this transaction read the standing.
        raise Again
    if isinstance(outcome, SekishoError):
        raise outcome


def _keep(done: Act, now: int) -> Script[None]:
    case = done.case
    yield _WRITE.each(
        [
            {
                "decision_id": case.decision_id,
                "review": 0 if done.answer is None else _ANSWERS[done.answer],
                "reviewed_at": now,
                "assignee": case.assignee,
                "lease_expires_at": case.lease_expires_at,
                "escalated": case.escalated,
                "disposition": (
                    0 if case.disposition is None else codes.DISPOSITION.number[case.disposition]
                ),
                "missed": case.missed,
                "group_id": case.group,
            }
        ]
    )
