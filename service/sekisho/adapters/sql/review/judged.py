"""Decisions as the desk indexes them: where they stand, since when, and why."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.basis import DIGEST_BYTES, contents_of
from sekisho.adapters.sql.encode_standing import revised
from sekisho.adapters.sql.open_decisions import all_identifiers
from sekisho.adapters.sql.schema import decision, decision_event
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.standings import (
    FIRST,
    first_standing,
    read_decision_detail,
    read_event_detail,
)
from sekisho.adapters.sql.statements import Dialect, Row, Statement
from sekisho.adapters.sql.wire import BasisWire, ReasonWire, decoder
from sekisho.application.ports.ledger import KeptIdentifier
from sekisho.domain.decision import Judgement, Reason, Standing
from sekisho.domain.sim_change import ChangeKind
from sekisho.domain.value import value


class _JudgedWire(msgspec.Struct, array_like=True, frozen=True):
    """The part of an AccountWire that is indexed: the facts are not even decoded."""

    basis: bytes
    flags: msgspec.Raw
    values: msgspec.Raw
    verdict: int
    score: float
    demands: bytes
    reasons: bytes


_read_judged = decoder(_JudgedWire).decode
_read_basis = decoder(BasisWire).decode
_read_reason = decoder(ReasonWire).decode


@value
class Judged:
    """A decision. `standings` are all that it had with the Unix ms since which, the first one
    first; `judgement` is the latest."""

    standings: Sequence[tuple[int, Standing]]
    terminal: str
    kind: ChangeKind
    identifiers: Sequence[KeptIdentifier]
    judgement: Judgement

    @property
    def first(self) -> Standing:
        """Where it stood at first."""
        return self.standings[0][1]

    @property
    def latest(self) -> Standing:
        """Where it stands now."""
        return self.standings[-1][1]


COLUMNS: Sequence[sa.ColumnElement[Any]] = (*FIRST, decision.c.terminal, decision.c.kind)
"""What `judged_rows` reads, in its order."""


def _decisions(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision.c.id)
    return sa.select(*COLUMNS).where(decision.c.id == keys["id"])


def _events(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(decision_event.c.decision_id)
    of = decision_event.c
    return sa.select(of.decision_id, of.revision, of.at, of.detail, of.account).where(
        of.decision_id == keys["decision_id"]
    )


_DECISIONS = Statement(_decisions)
_EVENTS = Statement(_events)


def judged(decision_ids: Sequence[bytes]) -> Script[list[Judged]]:
    """Return these decisions; those that do not exist are left out."""
    rows = yield _DECISIONS.each([{"id": id_} for id_ in decision_ids])
    events: dict[bytes, list[Row]] = {}
    found = yield _EVENTS.each([{"decision_id": id_} for id_ in decision_ids])
    for event in sorted(found, key=lambda row: int(row[1])):
        events.setdefault(bytes(event[0]), []).append(event)
    return (yield from judged_rows(rows, events))


def judged_rows(rows: Sequence[Row], events: Mapping[bytes, Sequence[Row]]) -> Script[list[Judged]]:
    """Return the decisions of rows with COLUMNS; `events` are those known of, in order."""
    details = [read_decision_detail(row[8]) for row in rows]
    accounts = [
        _read_judged(_latest_account(events.get(bytes(row[0]), ())) or bytes(detail.account))
        for row, detail in zip(rows, details, strict=True)
    ]
    shared = yield from contents_of({each for wire in accounts for each in _references(wire)})
    every = []
    for row, detail, account in zip(rows, details, accounts, strict=True):
        first = first_standing(row, detail)
        standings = [(first.decided_at, first)]
        later = []
        for _, revision, at, content, _ in events.get(first.decision_id, ()):
            later.append(read_event_detail(content))
            standings.append((at, revised(first, revision, later[-1].standing)))
        every.append(
            Judged(
                standings,
                terminal=row[-2],
                kind=codes.KIND.word[row[-1]],
                identifiers=all_identifiers(detail, later),
                judgement=_judgement(account, shared),
            )
        )
    return every


def _latest_account(events: Sequence[Row]) -> bytes | None:
    return next((bytes(row[4]) for row in reversed(events) if row[4] is not None), None)


def _references(wire: _JudgedWire) -> Iterator[bytes]:
    yield wire.basis
    for start in range(0, len(wire.reasons), DIGEST_BYTES):
        yield wire.reasons[start : start + DIGEST_BYTES]


def _judgement(wire: _JudgedWire, shared: Mapping[bytes, bytes]) -> Judgement:
    basis, *reasons = (shared[each] for each in _references(wire))
    on = _read_basis(basis)
    return Judgement(
        verdict=codes.VERDICT.word[wire.verdict],
        score=wire.score,
        threshold=on.threshold,
        demands=(),
        reasons=tuple(_reason(_read_reason(each)) for each in reasons),
        unevaluated=(),
        policy_version=on.policy_version,
    )


def _reason(wire: ReasonWire) -> Reason:
    return Reason(wire.code, wire.weight, wire.hard, (), {})
