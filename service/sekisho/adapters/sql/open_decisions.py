"""Decisions with what a revision of them needs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.fingerprint_pool import read_identifiers, read_try
from sekisho.adapters.sql.schema import decision, decision_event, open_step_up
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.standings import (
    LATEST,
    latest_event,
    latest_standing,
    no_such_decision,
    read_decision_detail,
    read_event_detail,
)
from sekisho.adapters.sql.statements import Dialect, Row, Statement
from sekisho.adapters.sql.wire import DecisionDetail, EventDetail
from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import KeptIdentifier, OpenDecision


def _decisions(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.id)
    return (
        sa.select(*LATEST, open_step_up.c.sealed_change)
        .select_from(
            decision.outerjoin(decision_event, latest_event).outerjoin(
                open_step_up, open_step_up.c.decision_id == decision.c.id
            )
        )
        .where(decision.c.id == keys["id"])
    )


def _events(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision_event.c.decision_id)
    return sa.select(
        decision_event.c.decision_id, decision_event.c.revision, decision_event.c.detail
    ).where(decision_event.c.decision_id == keys["decision_id"])


_DECISIONS = Statement(_decisions)
_EVENTS = Statement(_events)
_EXPIRED = Statement(
    lambda _: (
        sa.select(open_step_up.c.decision_id)
        .where(open_step_up.c.expires_at < sa.bindparam("now", type_=sa.BigInteger))
        .order_by(open_step_up.c.expires_at)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
)

EventDetails = Mapping[bytes, Sequence[tuple[int, EventDetail]]]
"""Events by decision, oldest first, with their revisions."""


def event_details(decision_ids: Sequence[bytes]) -> Script[EventDetails]:
    """Return all events of these decisions."""
    rows = yield _EVENTS.each([{"decision_id": id_} for id_ in decision_ids])
    found: dict[bytes, list[tuple[int, EventDetail]]] = {}
    for id_, revision, detail in sorted(rows, key=lambda row: int(row[1])):
        found.setdefault(bytes(id_), []).append((revision, read_event_detail(detail)))
    return found


def extended(detail: DecisionDetail, decided_at: int, events: Sequence[EventDetail]) -> Try:
    """Return a decision's try under all its keys, those that evidence added included."""
    attempt = read_try(detail.attempt, detail.fingerprints, decided_at)
    for event in events:
        if event.attempt is not None:
            later = read_try(event.attempt, event.fingerprints, decided_at)
            attempt = replace(
                attempt,
                keys=tuple(dict.fromkeys((*attempt.keys, *later.keys))),
                attributes={**attempt.attributes, **later.attributes},
                reissue=attempt.reissue if later.reissue is None else later.reissue,
            )
    return attempt


def all_identifiers(
    detail: DecisionDetail, events: Sequence[EventDetail]
) -> tuple[KeptIdentifier, ...]:
    """Return a decision's identifiers, each once, those that evidence added at the end."""
    every = list(read_identifiers(detail.identifiers, detail.fingerprints))
    for event in events:
        every += read_identifiers(event.identifiers, event.fingerprints)
    first: dict[tuple[str, bytes], KeptIdentifier] = {}
    for identifier in every:
        first.setdefault((identifier.role, identifier.fingerprint), identifier)
    return tuple(first.values())


def open_decision(decision_id: bytes) -> Script[OpenDecision]:
    """Return a decision with what a revision needs. NotFoundError."""
    found = yield from open_decisions([decision_id])
    if not found:
        raise no_such_decision()
    return found[0]


def expired(now: int, most: int) -> Script[Sequence[OpenDecision]]:
    """Return open step-ups whose expiry is before `now`, oldest first."""
    rows = yield _EXPIRED(now=now, most=most)
    return (yield from open_decisions([bytes(row[0]) for row in rows]))


def open_decisions(decision_ids: Sequence[bytes]) -> Script[Sequence[OpenDecision]]:
    """Return decisions in the order asked for; those that do not exist are left out."""
    rows = yield _DECISIONS.each([{"id": id_} for id_ in decision_ids])
    events = yield from event_details(decision_ids)
    found = {bytes(row[0]): _read(row, events) for row in rows}
    return [found[id_] for id_ in decision_ids if id_ in found]


def _read(row: Row, events: EventDetails) -> OpenDecision:
    standing = latest_standing(row)
    detail = read_decision_detail(row[8])
    # Those after the standing were appended between the two looks: they belong to another.
    until = [
        event
        for revision, event in events.get(standing.decision_id, ())
        if revision <= standing.revision
    ]
    return OpenDecision(
        standing=standing,
        attempt=extended(detail, standing.decided_at, until),
        identifiers=all_identifiers(detail, until),
        sealed_change=None if row[-1] is None else bytes(row[-1]),
    )
