"""Recording decisions: one script for all that share a commit."""

from collections.abc import Mapping, Sequence

import msgspec

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.basis import New, keep
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.encode_standing import request_id_bytes, step_up_wire
from sekisho.adapters.sql.feed_order import seq_of_row
from sekisho.adapters.sql.fingerprint_pool import Pool
from sekisho.adapters.sql.once import not_used, reused
from sekisho.adapters.sql.schema import decision, open_step_up
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.standings import BY_REQUEST, latest_standing
from sekisho.adapters.sql.statements import Row, Value, insert_each
from sekisho.adapters.sql.wire import DecisionDetail, encode
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import DecisionState, Standing
from sekisho.domain.errors import SekishoError
from sekisho.domain.value import value

_INSERT = insert_each(
    decision,
    unless=("shop", "request_id"),
    returning=("id",),
    condition=not_used,
    seq=seq_of_row,
)
_INSERT_DELIVERED = insert_each(
    decision, unless=("shop", "request_id"), returning=("id",), seq=seq_of_row
)
"""What was answered from a journal is recorded, whatever else its request_id was used for."""
_OPEN = insert_each(open_step_up, unless=("decision_id",))


@value
class Recording:
    """A decision on its way into the ledger."""

    standing: Standing
    new: New
    row: dict[str, Value]
    opened: dict[str, Value] | None

    @classmethod
    def of(cls, new: NewDecision, encode_account: AccountEncoder) -> "Recording":
        """Encode a decision."""
        standing = new.standing
        shared: New = {}
        pool = Pool()
        attempt = pool.attempt(new.attempt, standing.decided_at)
        identifiers = pool.identifiers(new.identifiers)
        detail = DecisionDetail(
            fingerprints=pool.content(),
            attempt=attempt,
            identifiers=identifiers,
            state=codes.STATE.number[standing.state],
            step_up=step_up_wire(standing.step_up),
            account=msgspec.Raw(encode_account(new.account, shared)),
        )
        row: dict[str, Value] = {
            "decided_at": standing.decided_at,
            "expires_at": standing.expires_at,
            "verdict": codes.VERDICT.number[standing.verdict],
            "kind": codes.KIND.number[new.kind],
            "cause": codes.CAUSE.number[new.cause],
            "degraded": standing.degraded,
            "id": standing.decision_id,
            "request_id": request_id_bytes(new.once.request_id),
            "body_digest": new.once.body_digest,
            "shop": new.once.caller,
            "terminal": new.terminal,
            "case_number": standing.case_number,
            "detail": encode(detail),
        }
        opened: dict[str, Value] | None = None
        if standing.state is DecisionState.STEP_UP_OPEN:
            opened = {
                "decision_id": standing.decision_id,
                "expires_at": standing.expires_at,
                "sealed_change": new.sealed_change,
            }
        return cls(standing, shared, row, opened)

    @property
    def key(self) -> tuple[Value, Value]:
        """Shop and request."""
        return self.row["shop"], self.row["request_id"]


Stored = Mapping[tuple[Value, Value], Row]
"""Rows of BY_REQUEST, by shop and request."""


def record_all(items: Sequence[Recording]) -> Script[Sequence[Standing | SekishoError]]:
    """Insert decisions; for a request that is there already, read what it got."""
    new, stored = yield from insert_all(items)
    return [_outcome(item, new.get(item.key), stored.get(item.key)) for item in items]


def insert_all(
    items: Sequence[Recording], *, delivered: bool = False
) -> Script[tuple[Mapping[tuple[Value, Value], Recording], Stored]]:
    """Insert decisions, of one request the first; return those, and the rows of the requests
    that were there already. `delivered`: they come from a journal."""
    yield from keep(*(item.new for item in items))
    # In order: two workers that bring the same requests must not wait for each other.
    ordered = sorted(items, key=lambda item: (str(item.row["shop"]), item.row["request_id"]))
    first = {item.key: item for item in reversed(ordered)}
    rows = [item.row for item in ordered if first[item.key] is item]
    insert = _INSERT_DELIVERED if delivered else _INSERT
    inserted = {bytes(row[0]) for row in (yield insert.each(rows))}
    new = {key: item for key, item in first.items() if item.standing.decision_id in inserted}
    opened = [item.opened for item in new.values() if item.opened is not None]
    if opened:
        yield _OPEN.each(opened)
    stored: dict[tuple[Value, Value], Row] = {}
    if len(new) < len(first):
        repeated = [{"shop": s, "request_id": r} for s, r in first if (s, r) not in new]
        found = yield BY_REQUEST.each(repeated)
        stored = {(row[2], bytes(row[1])): row for row in found}
    return new, stored


def _outcome(item: Recording, new: Recording | None, row: Row | None) -> Standing | SekishoError:
    """Return what an item gets: of one request in a commit the first is recorded."""
    if new is not None:
        same = new.row["body_digest"] == item.row["body_digest"]
        return new.standing if same else reused()
    if row is None or row[-1] != item.row["body_digest"]:
        return reused()
    return latest_standing(row)
