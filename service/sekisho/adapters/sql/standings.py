"""Where decisions stand: a decision's own row, and its latest event if it has one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.encode_standing import read_step_up, request_id_text, revised
from sekisho.adapters.sql.schema import decision, decision_event
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Row, Statement
from sekisho.adapters.sql.wire import DecisionDetail, EventDetail, decoder
from sekisho.domain.decision import Standing
from sekisho.domain.errors import NotFoundError

read_decision_detail = decoder(DecisionDetail).decode
read_event_detail = decoder(EventDetail).decode

FIRST: Sequence[sa.ColumnElement[Any]] = (
    decision.c.id,
    decision.c.request_id,
    decision.c.shop,
    decision.c.case_number,
    decision.c.verdict,
    decision.c.decided_at,
    decision.c.expires_at,
    decision.c.degraded,
    decision.c.detail,
)
"""What `first_standing` reads, in its order."""

LATEST: Sequence[sa.ColumnElement[Any]] = (
    *FIRST,
    decision_event.c.revision,
    decision_event.c.detail,
)
"""What `latest_standing` reads, in its order."""

_other = decision_event.alias("other")
latest_event = sa.and_(
    decision_event.c.decision_id == decision.c.id,
    decision_event.c.revision
    == sa.select(sa.func.max(_other.c.revision))
    .where(_other.c.decision_id == decision.c.id)
    .scalar_subquery(),
)
"""The condition that joins a decision with its latest event."""


def first_standing(row: Row, detail: DecisionDetail) -> Standing:
    """Return where a decision stood at first."""
    id_, request_id, shop, case_number, verdict, decided_at, expires_at, degraded, *_ = row
    return Standing(
        decision_id=bytes(id_),
        request_id=request_id_text(request_id),
        shop=shop,
        case_number=case_number,
        revision=0,
        verdict=codes.VERDICT.word[verdict],
        state=codes.STATE.word[detail.state],
        decided_at=decided_at,
        expires_at=expires_at,
        degraded=bool(degraded),
        step_up=read_step_up(detail.step_up),
    )


def latest_standing(row: Row) -> Standing:
    """Return where a decision stands now."""
    first = first_standing(row, read_decision_detail(row[8]))
    revision, detail = row[9], row[10]
    if revision is None:
        return first
    return revised(first, revision, read_event_detail(detail).standing)


def _standings(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.id)
    return (
        sa.select(*LATEST)
        .select_from(decision.outerjoin(decision_event, latest_event))
        .where(decision.c.id == keys["id"])
    )


def _by_request(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.shop, decision.c.request_id)
    return (
        sa.select(*LATEST, decision.c.body_digest)
        .select_from(decision.outerjoin(decision_event, latest_event))
        .where(decision.c.shop == keys["shop"], decision.c.request_id == keys["request_id"])
    )


def _moved(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision_event.c.decision_id, decision_event.c.revision)
    return (
        sa.select(*LATEST)
        .select_from(decision.join(decision_event, latest_event))
        .where(decision.c.id == keys["decision_id"], decision_event.c.revision > keys["revision"])
    )


def _at_revision(_dialect: Dialect) -> sa.Select[Any]:
    revision = sa.bindparam("revision", type_=sa.Integer)
    return (
        sa.select(*LATEST)
        .select_from(decision.join(decision_event, decision_event.c.decision_id == decision.c.id))
        .where(
            decision.c.id == sa.bindparam("id", type_=sa.LargeBinary),
            decision_event.c.revision == revision,
        )
    )


_STANDINGS = Statement(_standings)
BY_REQUEST = Statement(_by_request)
_MOVED = Statement(_moved)
_AT_REVISION = Statement(_at_revision)


def standing(decision_id: bytes) -> Script[Standing]:
    """Return where a decision stands. NotFoundError."""
    rows = yield _STANDINGS.each([{"id": decision_id}])
    if not rows:
        raise no_such_decision()
    return latest_standing(rows[0])


def standing_at(decision_id: bytes, revision: int) -> Script[Standing]:
    """Return where a decision stood after a revision."""
    rows = yield _AT_REVISION(id=decision_id, revision=revision)
    return latest_standing(rows[0])


def moved(revisions: Mapping[bytes, int]) -> Script[Mapping[bytes, Standing]]:
    """Return the standings of those whose revision is above the one given."""
    rows = yield _MOVED.each(
        [{"decision_id": id_, "revision": revision} for id_, revision in revisions.items()]
    )
    return by_id(map(latest_standing, rows))


def by_id(standings: Iterable[Standing]) -> dict[bytes, Standing]:
    """Return standings by decision."""
    return {each.decision_id: each for each in standings}


def no_such_decision() -> NotFoundError:
    """Return the error for a decision that is not in the ledger."""
    return NotFoundError("no such decision")
