"""Cases: a decision with all that led to it, and what followed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.encode_account import read_account
from sekisho.adapters.sql.encode_standing import revised
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.open_decisions import all_identifiers
from sekisho.adapters.sql.schema import decision, decision_event
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.standings import (
    FIRST,
    first_standing,
    no_such_decision,
    read_decision_detail,
    read_event_detail,
)
from sekisho.adapters.sql.statements import Dialect, Statement
from sekisho.application.ports.ledger import Case, CaseEvent

_BY_ANALYSTS = frozenset({"approved", "declined", "demanded"})
"""Kinds of events whose terminal is the analyst who made them."""

_DECISION = Statement(
    lambda _: sa.select(*FIRST, decision.c.terminal, decision.c.kind, decision.c.cause).where(
        decision.c.id == sa.bindparam("id", type_=sa.LargeBinary)
    )
)
_EVENTS = Statement(
    lambda _: (
        sa.select(
            decision_event.c.revision,
            decision_event.c.at,
            decision_event.c.kind,
            decision_event.c.terminal,
            decision_event.c.summary,
            decision_event.c.detail,
            decision_event.c.account,
        )
        .where(decision_event.c.decision_id == sa.bindparam("id", type_=sa.LargeBinary))
        .order_by(decision_event.c.revision)
    )
)


def _of_case(_dialect: Dialect) -> sa.Select[Any]:
    return (
        sa.select(decision.c.id)
        .where(decision.c.case_number == sa.bindparam("case_number", type_=sa.Text))
        # By their times: one that was delivered from a journal was inserted late.
        .order_by(decision.c.decided_at.desc(), decision.c.request_id.desc())
    )


_OF_CASE = Statement(_of_case)


def case(current: FactSet, decision_id: bytes) -> Script[Case]:
    """Return a decision's case; `current` is this build's fact set. NotFoundError."""
    found = yield _DECISION(id=decision_id)
    if not found:
        raise no_such_decision()
    row = found[0]
    terminal, kind, cause = row[-3:]
    detail = read_decision_detail(row[8])
    first = latest = first_standing(row, detail)
    account = bytes(detail.account)
    events: list[CaseEvent] = []
    details = []
    for revision, at, what, where, summary, content, newer in (yield _EVENTS(id=decision_id)):
        event = read_event_detail(content)
        details.append(event)
        latest = revised(first, revision, event.standing)
        # An expiry has no terminal: the service itself saw to it.
        by_shop = bool(where) and what not in _BY_ANALYSTS
        actor = f"{first.shop}/{where}" if by_shop else where
        events.append(CaseEvent(at, what, actor, summary, latest))
        account = newer if newer is not None else account
    return Case(
        standing=latest,
        terminal=terminal,
        kind=codes.KIND.word[kind],
        cause=codes.CAUSE.word[cause],
        identifiers=all_identifiers(detail, details),
        account=(yield from read_account(account, current)),
        events=tuple(events),
    )


def decision_ids_of_case(case_number: str) -> Script[Sequence[bytes]]:
    """Return the decisions of a case number, newest first."""
    rows = yield _OF_CASE(case_number=case_number)
    return [bytes(row[0]) for row in rows]
