"""What the cache needs of the ledger's rows: tries, and what became of them."""

import asyncio

import msgspec

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.fingerprint_pool import read_try
from sekisho.adapters.sql.open_decisions import EventDetails, extended
from sekisho.adapters.sql.standings import read_decision_detail
from sekisho.adapters.sql.statements import Row, Rows
from sekisho.adapters.sql.wire import TryWire, decoder
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import LineKnowledge, Marking, Projection, Try
from sekisho.domain.decision import Verdict
from sekisho.domain.value import value
from sekisho.domain.velocity import Dimension, Mark

_SLICE = 25
"""Rows between which others may have the event loop: a fraction of a millisecond."""
_STEP_UP = codes.VERDICT.number[Verdict.STEP_UP]


class _Counted(msgspec.Struct, array_like=True, frozen=True):
    """The part of a DecisionDetail that is counted: the rest is not even decoded."""

    fingerprints: bytes
    attempt: TryWire


class _Marked(msgspec.Struct, array_like=True, frozen=True):
    """The part of an EventDetail that is counted."""

    standing: msgspec.Raw
    marks: bytes
    fingerprints: bytes
    attempt: TryWire | None


_read_counted = decoder(_Counted).decode
_read_marked = decoder(_Marked).decode


@value
class FeedRows:
    """Rows as the database has them.

    `decisions` are seq, decided_at, verdict, degraded, detail; `events` are seq, at, decision_id,
    revision, detail, and the decision's decided_at and detail. `histories` has all events of the
    decisions that were revised more than once.
    """

    decisions: Rows
    events: Rows
    histories: EventDetails
    lines: tuple[tuple[Fingerprint, LineKnowledge], ...]


async def projection(rows: FeedRows) -> Projection:
    """Read rows, with a turn of the event loop for others every now and then."""
    tries: list[Try] = []
    markings: list[Marking] = []
    for number, (_, decided_at, verdict, _, content) in enumerate(rows.decisions, 1):
        detail = _read_counted(content)
        attempt = read_try(detail.attempt, detail.fingerprints, decided_at)
        tries.append(attempt)
        if verdict == _STEP_UP:
            markings.append(Marking(attempt.try_id, decided_at, Mark.STEP_UP, attempt.keys))
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    for number, row in enumerate(rows.events, 1):
        _read_event(row, rows.histories, tries, markings)
        if number % _SLICE == 0:
            await asyncio.sleep(0)
    return Projection(tuple(tries), tuple(markings), rows.lines)


def _read_event(
    row: Row, histories: EventDetails, tries: list[Try], markings: list[Marking]
) -> None:
    _, at, id_, revision, content, decided_at, first = row
    marked = _read_marked(content)
    extra: tuple[tuple[Dimension, Fingerprint], ...] = ()
    if marked.attempt is not None:
        tries.append(read_try(marked.attempt, marked.fingerprints, decided_at))
        extra = tries[-1].keys
    if not marked.marks:
        return
    history = histories.get(bytes(id_))
    if history is None:
        detail = _read_counted(first)
        attempt = read_try(detail.attempt, detail.fingerprints, decided_at)
        keys = (*attempt.keys, *extra)
    else:
        until = [event for number, event in history if number <= revision]
        attempt = extended(read_decision_detail(first), decided_at, until)
        keys = attempt.keys
    along = tuple(dict.fromkeys(keys))
    markings += (Marking(attempt.try_id, at, codes.MARK.word[m], along) for m in marked.marks)
