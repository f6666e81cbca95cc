"""Delivering decisions that were answered from a journal: one script for all of one commit.

The ledger may hold another decision of the same request: one recorded meanwhile, or before the
reply to its commit was lost. A revision of kind `delivered` then tells of the journaled one, and
the stricter of the two stands.
"""

from collections.abc import Sequence
from dataclasses import replace

from sekisho.adapters.sql import append
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.fingerprint_pool import read_identifiers, read_try
from sekisho.adapters.sql.open_decisions import event_details
from sekisho.adapters.sql.record import Recording, insert_all
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.standings import first_standing, latest_standing, read_decision_detail
from sekisho.adapters.sql.statements import Row
from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import NewDecision, NewEvent
from sekisho.domain.decision import DecisionState, Standing, Verdict
from sekisho.domain.value import value
from sekisho.domain.velocity import Mark

KIND = "delivered"


@value
class Delivering:
    """A decision on its way from a journal."""

    decision: NewDecision
    recording: Recording
    encode_account: AccountEncoder

    @classmethod
    def of(cls, decision: NewDecision, encode_account: AccountEncoder) -> "Delivering":
        """Encode a decision."""
        return cls(decision, Recording.of(decision, encode_account), encode_account)


def deliver_all(items: Sequence[Delivering]) -> Script[None]:
    """Insert decisions, all of different requests; where the ledger holds another of the same
    request, append what tells of it. A second delivery finds the first."""
    _, stored = yield from insert_all([item.recording for item in items], delivered=True)
    differing = [
        (item, stored[item.recording.key])
        for item in items
        if item.recording.key in stored and _differs(item.decision, stored[item.recording.key])
    ]
    if not differing:
        return
    earlier = yield from event_details([bytes(row[0]) for _, row in differing])
    events = [
        _event(item, row)
        for item, row in differing
        if not any(
            event.delivered_body == item.decision.once.body_digest
            for _, event in earlier.get(bytes(row[0]), ())
        )
    ]
    if events:
        # None of them closes a step-up.
        yield from append.write_all(sorted(events, key=_by_decision), opened=set())


def _by_decision(event: append.Appending) -> bytes:
    # In order: two hosts that deliver the same requests must not wait for each other.
    return event.decision_id


def _differs(decision: NewDecision, row: Row) -> bool:
    first = first_standing(row, read_decision_detail(row[8]))
    return _other_body(decision, row) or first.verdict is not decision.standing.verdict


def _other_body(decision: NewDecision, row: Row) -> bool:
    return bytes(row[-1]) != decision.once.body_digest


def _event(item: Delivering, row: Row) -> append.Appending:
    decision, journaled = item.decision, item.decision.standing
    detail = read_decision_detail(row[8])
    first, stored = first_standing(row, detail), latest_standing(row)
    known = read_try(detail.attempt, detail.fingerprints, stored.decided_at)
    takes_over = (
        journaled.state is DecisionState.STEP_UP_OPEN and stored.state is DecisionState.ALLOWED
    )
    standing = replace(stored, revision=stored.revision + 1)
    if takes_over:
        standing = replace(
            standing,
            verdict=journaled.verdict,
            state=journaled.state,
            expires_at=journaled.expires_at,
            degraded=journaled.degraded,
            step_up=journaled.step_up,
        )
    identifiers = read_identifiers(detail.identifiers, detail.fingerprints)
    attempt = _added(known, decision.attempt)
    event = NewEvent(
        once=None,
        kind=KIND,
        at=journaled.decided_at,
        terminal=decision.terminal,
        summary=_summary(first, standing, journaled, other_body=_other_body(decision, row)),
        standing=standing,
        marks=_marks(first, standing, journaled, more_keys=attempt is not None),
        attempt=attempt,
        identifiers=tuple(i for i in decision.identifiers if i not in identifiers),
        account=decision.account if takes_over else None,
        sealed_change=decision.sealed_change if takes_over else None,
    )
    return append.Appending.of(event, item.encode_account, decision.once.body_digest)


def _added(known: Try, attempt: Try) -> Try | None:
    """Return the try, which is one and the same, under the keys that the ledger has not got."""
    keys = tuple(key for key in attempt.keys if key not in known.keys)
    return replace(attempt, try_id=known.try_id, at=known.at, keys=keys) if keys else None


def _marks(
    first: Standing, standing: Standing, journaled: Standing, *, more_keys: bool
) -> tuple[Mark, ...]:
    """Return what the ledger has not counted yet: the projector counts the first verdict."""
    if journaled.verdict is not Verdict.STEP_UP:
        return ()
    if first.verdict is Verdict.STEP_UP and not more_keys:
        return ()
    if standing.state is DecisionState.STEP_UP_OPEN:
        return (Mark.STEP_UP,)
    return Mark.STEP_UP, Mark.CLOSED


def _summary(first: Standing, standing: Standing, journaled: Standing, *, other_body: bool) -> str:
    came = "the request came with another body and was" if other_body else "the request was"
    return (
        f"{came} answered {journaled.verdict.value} from the journal;"
        f" the ledger held {first.verdict.value}; it is {standing.state.value}"
    )
