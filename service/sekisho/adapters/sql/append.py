"""Appending events to decisions: one script for all that share a commit."""

from collections.abc import Iterable, Mapping, Sequence
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
from sekisho.domain.errors import AbortedError, SekishoError
from sekisho.domain.value import value

_REVISION_BYTES = 4


def _revisions(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.id)
    last = (
        sa.select(sa.func.max(decision_event.c.revision))
        .where(decision_event.c.decision_id == decision.c.id)
        .scalar_subquery()
    )
    opened = sa.exists(
        sa.select(open_step_up.c.decision_id).where(open_step_up.c.decision_id == decision.c.id)
    )
    return sa.select(decision.c.id, sa.func.coalesce(last, 0), opened).where(
        decision.c.id == keys["id"]
    )


def _close(dialect: Dialect) -> sa.Delete:
    keys = dialect.keys(open_step_up.c.decision_id)
    return sa.delete(open_step_up).where(open_step_up.c.decision_id == keys["decision_id"])


def _prolong(dialect: Dialect) -> sa.Update:
    keys = dialect.keys(open_step_up.c.decision_id, open_step_up.c.expires_at)
    return (
        sa.update(open_step_up)
        .where(open_step_up.c.decision_id == keys["decision_id"])
        .values(expires_at=keys["expires_at"])
    )


_REVISIONS = Statement(_revisions)
_INSERT = insert_each(
    decision_event, unless=("decision_id", "revision"), returning=("revision",), seq=seq_of_row
)
_OPEN = insert_each(
    open_step_up, unless=("decision_id",), replacing=("expires_at", "sealed_change")
)
_PROLONG = Statement(_prolong)
_CLOSE = Statement(_close)


@value
class Appending:
    """An event on its way into the ledger."""

    event: NewEvent
    new: New
    row: Mapping[str, Value]

    @classmethod
    def of(
        cls, new: NewEvent, encode_account: AccountEncoder, delivered_body: bytes = b""
    ) -> "Appending":
        """Encode an event; `delivered_body` is the digest of the request that was delivered."""
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
            delivered_body=delivered_body,
        )
        row: Mapping[str, Value] = {
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

    @property
    def decision_id(self) -> bytes:
        """The decision that it revises."""
        return self.event.standing.decision_id

    @property
    def result(self) -> bytes:
        """What the ledger keeps as its request's result: the decision and its revision."""
        revision = self.event.standing.revision
        return self.decision_id + revision.to_bytes(_REVISION_BYTES, "big")


Outcomes = dict[int, Standing | SekishoError]
"""What became of events, by their place among those of one commit."""


def append_all(items: Sequence[Appending]) -> Script[Sequence[Standing | SekishoError]]:
    """Insert events and move their open step-ups along.

    Each one's outcome is its standing, or NotFoundError, AbortedError, RequestIdReusedError.
    """
    outcomes: Outcomes = {}
    ids = sorted({item.decision_id for item in items})
    # Before the requests: where the same one made the revision meanwhile, it is found there.
    rows = yield _REVISIONS.each([{"id": id_} for id_ in ids])
    yield from _repeats(items, outcomes)
    first = _first_revisions(items, {bytes(row[0]): row[1] for row in rows}, outcomes)
    if first:
        opened = {bytes(row[0]) for row in rows if row[2]}
        yield from write_all(first, opened)
        yield from once.keep_all(
            [(i.event.once, i.result, i.event.at) for i in first if i.event.once is not None]
        )
    return [outcomes[place] for place in range(len(items))]


def write_all(items: Sequence[Appending], opened: set[bytes]) -> Script[None]:
    """Insert events, each the next revision of another decision, and move the step-ups along.

    `opened` are the decisions with an open step-up. Again where another revision came first.
    """
    yield from keep(*(item.new for item in items))
    if len((yield _INSERT.each([item.row for item in items]))) < len(items):
        # Since the look at the revisions: the next one finds it.
        raise Again
    yield from _move_step_ups(items, opened)


def _repeats(items: Sequence[Appending], outcomes: Outcomes) -> Script[None]:
    """Settle those whose request was here before."""
    requests = [(place, i.event.once) for place, i in enumerate(items) if i.event.once is not None]
    found = yield from once.found_all([request for _, request in requests])
    for place, request in requests:
        before = found.get(once.key(request))
        if before is not None:
            try:
                outcomes[place] = yield from _standing_then(request, *before)
            except SekishoError as error:
                outcomes[place] = error


def _first_revisions(
    items: Sequence[Appending], revisions: Mapping[bytes, int], outcomes: Outcomes
) -> list[Appending]:
    """Settle all others; return those to write: for each decision one, the next revision."""
    first: dict[bytes, Appending] = {}
    requests: dict[once.Key, Appending] = {}
    for place, item in enumerate(items):
        if place in outcomes:
            continue
        request = item.event.once
        twin = None if request is None else requests.get(once.key(request))
        if twin is not None:
            outcomes[place] = twin.event.standing if _same(twin, item) else once.reused()
        elif item.decision_id not in revisions:
            outcomes[place] = no_such_decision()
        elif (
            item.decision_id in first
            or revisions[item.decision_id] + 1 != item.event.standing.revision
        ):
            outcomes[place] = AbortedError("another revision of this decision came first")
        else:
            outcomes[place] = item.event.standing
            first[item.decision_id] = item
            if request is not None:
                requests[once.key(request)] = item
    # In order: two workers that revise the same decisions must not wait for each other.
    return [first[id_] for id_ in sorted(first)]


def _same(one: Appending, other: Appending) -> bool:
    """Whether two events of one request_id came with the same body."""
    bodies = {each.event.once.body_digest for each in (one, other) if each.event.once is not None}
    return len(bodies) == 1


def _move_step_ups(items: Iterable[Appending], opened: set[bytes]) -> Script[None]:
    """Keep the open step-ups as the events leave them."""
    closing: list[dict[str, Value]] = []
    prolonging: list[dict[str, Value]] = []
    opening: list[dict[str, Value]] = []
    for item in items:
        standing, sealed = item.event.standing, item.event.sealed_change
        row: dict[str, Value] = {
            "decision_id": standing.decision_id,
            "expires_at": standing.expires_at,
        }
        if standing.state is not DecisionState.STEP_UP_OPEN:
            if standing.decision_id in opened:
                closing.append(row)
        elif sealed is None:
            prolonging.append(row)
        else:
            opening.append({**row, "sealed_change": sealed})
    for statement, rows in ((_CLOSE, closing), (_PROLONG, prolonging), (_OPEN, opening)):
        if rows:
            yield statement.each(rows)


def repeated(request: Once) -> Script[Standing | None]:
    """Return where the decision stood after the same request, if it was here before."""
    before = yield from once.found(request)
    if before is None:
        return None
    return (yield from _standing_then(request, *before))


def _standing_then(request: Once, digest: bytes, result: bytes | None) -> Script[Standing]:
    """Return what the same request made; RequestIdReusedError where it was another one."""
    if digest != request.body_digest or result is None or len(result) <= _REVISION_BYTES:
        raise once.reused()
    revision = int.from_bytes(result[-_REVISION_BYTES:], "big")
    return (yield from standing_at(result[:-_REVISION_BYTES], revision))
