"""Appending an event to a decision: its next revision."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes, once
from sekisho.adapters.sql.basis import New, keep
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.encode_standing import standing_wire
from sekisho.adapters.sql.feed_order import seq_of_row
from sekisho.adapters.sql.fingerprint_pool import Pool
from sekisho.adapters.sql.schema import decision, decision_event, open_step_up
from sekisho.adapters.sql.scripts import Again, Script
from sekisho.adapters.sql.standings import no_such_decision, standing_at
from sekisho.adapters.sql.statements import Dialect, Statement, Value, insert_each
from sekisho.adapters.sql.wire import EventDetail, encode
from sekisho.application.ports.ledger import NewEvent, Once
from sekisho.domain.decision import DecisionState, Standing
from sekisho.domain.errors import AbortedError

_REVISION_BYTES = 4


def _revision(_dialect: Dialect) -> sa.Select[Any]:
    last = (
        sa.select(sa.func.max(decision_event.c.revision))
        .where(decision_event.c.decision_id == decision.c.id)
        .scalar_subquery()
    )
    return sa.select(sa.func.coalesce(last, 0)).where(
        decision.c.id == sa.bindparam("id", type_=sa.LargeBinary)
    )


_REVISION = Statement(_revision)
_INSERT = insert_each(
    decision_event, unless=("decision_id", "revision"), returning=("revision",), seq=seq_of_row
)
_OPEN = insert_each(
    open_step_up, unless=("decision_id",), replacing=("expires_at", "sealed_change")
)
_PROLONG = Statement(
    lambda _: (
        sa.update(open_step_up)
        .where(open_step_up.c.decision_id == sa.bindparam("id", type_=sa.LargeBinary))
        .values(expires_at=sa.bindparam("until", type_=sa.BigInteger))
    )
)
_CLOSE = Statement(
    lambda _: sa.delete(open_step_up).where(
        open_step_up.c.decision_id == sa.bindparam("id", type_=sa.LargeBinary)
    )
)


@dataclass(frozen=True, slots=True)
class Appending:
    """An event on its way into the ledger."""

    event: NewEvent
    new: New
    row: dict[str, Value]

    @classmethod
    def of(cls, new: NewEvent, encode_account: AccountEncoder) -> "Appending":
        """Encode an event."""
        standing = new.standing
        pool = Pool()
        attempt = None if new.attempt is None else pool.attempt(new.attempt, standing.decided_at)
        identifiers = pool.identifiers(new.identifiers)
        shared: New = {}
        account = None if new.account is None else encode_account(new.account, shared)
        detail = EventDetail(
            standing=standing_wire(standing),
            marks=bytes(codes.MARK.number[mark] for mark in new.marks),
            fingerprints=pool.content(),
            attempt=attempt,
            identifiers=identifiers,
        )
        row: dict[str, Value] = {
            "at": new.at,
            "revision": standing.revision,
            "decision_id": standing.decision_id,
            "kind": new.kind,
            "terminal": new.terminal,
            "summary": new.summary,
            "detail": encode(detail),
            "account": account,
        }
        return cls(new, shared, row)


def append(appending: Appending) -> Script[Standing]:
    """Insert the event and move the open step-up along. NotFoundError, AbortedError,
    RequestIdReusedError."""
    event, standing = appending.event, appending.event.standing
    if event.once is not None:
        before = yield from repeated(event.once)
        if before is not None:
            return before
    rows = yield _REVISION(id=standing.decision_id)
    if not rows:
        raise no_such_decision()
    if rows[0][0] + 1 != standing.revision:
        raise AbortedError("another revision of this decision came first")
    yield from keep(appending.new)
    if not (yield _INSERT.each([appending.row])):
        # Since the look above: the next one finds it.
        raise Again
    if standing.state is not DecisionState.STEP_UP_OPEN:
        yield _CLOSE(id=standing.decision_id)
    elif event.sealed_change is None:
        yield _PROLONG(id=standing.decision_id, until=standing.expires_at)
    else:
        yield _OPEN.each(
            [
                {
                    "decision_id": standing.decision_id,
                    "expires_at": standing.expires_at,
                    "sealed_change": event.sealed_change,
                }
            ]
        )
    if event.once is not None:
        revision = standing.revision.to_bytes(_REVISION_BYTES, "big")
        yield from once.keep(event.once, standing.decision_id + revision, event.at)
    return standing


def repeated(request: Once) -> Script[Standing | None]:
    """Return where the decision stood after the same request, if it was here before."""
    result = yield from once.done_before(request)
    if result is None:
        return None
    if len(result) <= _REVISION_BYTES:
        # It was another method's, which keeps no standing.
        raise once.reused()
    revision = int.from_bytes(result[-_REVISION_BYTES:], "big")
    return (yield from standing_at(result[:-_REVISION_BYTES], revision))
