"""A ledger with a long history, written quickly: what a cache is rebuilt from."""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import msgspec

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.append import Appending
from sekisho.adapters.sql.basis import KnownBases
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.feed_order import seq_of_row
from sekisho.adapters.sql.fingerprint_pool import SIZE
from sekisho.adapters.sql.record import Recording
from sekisho.adapters.sql.schema import decision, decision_event
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.standings import read_decision_detail
from sekisho.adapters.sql.statements import Value, insert_each
from sekisho.adapters.sql.wire import DecisionDetail, encode
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.facts import FACTS
from sekisho.domain.velocity import SHORT_LIVED, Dimension, Mark
from tests.adapters.sql import samples

_TOGETHER = 1_000
_STEP_UPS = 0.1
_AGAIN = 0.2
_DECISIONS = insert_each(decision, seq=seq_of_row)
_EVENTS = insert_each(decision_event, seq=seq_of_row)
_SHORT = frozenset(codes.DIMENSION.number[dimension] for dimension in SHORT_LIVED)
_DOCUMENT = codes.DIMENSION.number[Dimension.DOCUMENT]


async def write_history(
    database: Database, count: int, first_at: int, last_at: int, seed: int = 0
) -> None:
    """Record `count` decisions, evenly spread over a time (Unix ms), oldest first.

    They are of a hundred shops; a fifth of what identifies a customer was seen before, a tenth
    are step-ups. Three quarters have an event: a change was completed, or a step-up failed.
    """
    rng = random.Random(seed)
    shops = [rng.randbytes(SIZE) for _ in range(100)]
    seen: list[bytes] = []
    templates = {verdict: _template(verdict) for verdict in Verdict}
    encode_account = AccountEncoder(FactSet.of(tuple(FACTS)), KnownBases())

    def made(number: int) -> tuple[Mapping[str, Value], Mapping[str, Value] | None]:
        verdict = Verdict.STEP_UP if rng.random() < _STEP_UPS else Verdict.ALLOW
        recording, detail = templates[verdict]
        at = first_at + (last_at - first_at) * number // count
        row = {
            **recording.row,
            "decided_at": at,
            "id": at.to_bytes(6, "big") + rng.randbytes(10),
            "request_id": rng.randbytes(16),
            "detail": encode(_with_others(detail, rng, shops, seen)),
        }
        if rng.random() < 0.25:
            return row, None
        failed = verdict is Verdict.STEP_UP and rng.random() < 0.5
        event = samples.event(
            recording.standing,
            DecisionState.STEP_UP_FAILED if failed else DecisionState.COMPLETED,
            at=at + 60_000,
            marks=(Mark.FAILURE, Mark.CLOSED) if failed else (Mark.COMPLETED, Mark.CLOSED),
        )
        return row, {**Appending.of(event, encode_account).row, "decision_id": row["id"]}

    for start in range(0, count, _TOGETHER):
        pairs = [made(number) for number in range(start, min(count, start + _TOGETHER))]
        rows = [row for row, _ in pairs]
        events = [event for _, event in pairs if event is not None]
        await database.write(partial(_write, rows, events))


def _write(
    rows: Sequence[Mapping[str, Value]], events: Sequence[Mapping[str, Value]]
) -> Script[None]:
    yield _DECISIONS.each(rows)
    yield _EVENTS.each(events)


def _template(verdict: Verdict) -> tuple[Recording, DecisionDetail]:
    encode_account = AccountEncoder(FactSet.of(tuple(FACTS)), KnownBases())
    recording = Recording.of(samples.decision(verdict=verdict), encode_account)
    content = recording.row["detail"]
    assert isinstance(content, bytes)
    return recording, read_decision_detail(content)


def _with_others(
    detail: DecisionDetail, rng: random.Random, shops: Sequence[bytes], seen: list[bytes]
) -> DecisionDetail:
    """Return the decision of another customer, at any of the shops."""
    pool = list(_fingerprints(len(detail.fingerprints) // SIZE, rng, seen))
    keys = detail.attempt.keys
    for dimension, place in zip(keys[::2], keys[1::2], strict=True):
        if dimension in _SHORT:
            pool[place] = rng.choice(shops)
        elif dimension == _DOCUMENT:
            seen.append(pool[place])
    attempt = msgspec.structs.replace(detail.attempt, try_id=rng.randbytes(8))
    return msgspec.structs.replace(detail, fingerprints=b"".join(pool), attempt=attempt)


def _fingerprints(count: int, rng: random.Random, seen: Sequence[bytes]) -> Iterator[bytes]:
    for _ in range(count):
        again = seen and rng.random() < _AGAIN
        yield rng.choice(seen) if again else rng.randbytes(SIZE)
