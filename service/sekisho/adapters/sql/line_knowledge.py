"""What is known of a line: its latest record, and what its events tell beyond it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.schema import line_event, line_record
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Statement
from sekisho.adapters.sql.wire import decoder, encode
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import LineKnowledge

_CHANGED_BY: Mapping[str, str] = {
    "contact_changed": "contact_change",
    "address_changed": "address_change",
    "pin_changed": "pin_change",
    "password_changed": "password_change",
    "lock_set": "lock_change",
    "lock_lifted": "lock_change",
    "loss_reported": "loss_report",
    "call_forwarding_set": "call_forwarding",
    "sim_changed": "sim_change",
    "fraud_reported": "fraud_report",
}
"""What LineKnowledge.changed_at calls each kind of event."""


def _records(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(line_record.c.line)
    return sa.select(
        line_record.c.line,
        line_record.c.record_at,
        line_record.c.revision,
        line_record.c.content,
    ).where(line_record.c.line == keys["line"])


def _events(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(line_event.c.line)
    return (
        sa.select(
            line_event.c.line,
            line_event.c.kind,
            sa.func.max(line_event.c.at),
            sa.func.count(),
        )
        .where(line_event.c.line == keys["line"])
        .group_by(line_event.c.line, line_event.c.kind)
    )


_RECORDS = Statement(_records)
_EVENTS = Statement(_events)


class RecordWire(msgspec.Struct, array_like=True, frozen=True):
    """A record as it is kept. Fields are only ever added at the end, with a default."""

    activation_day: int | None
    birth_date: bytes | None
    name_kana: bytes | None
    document_type: str
    document: bytes | None
    document_reissue: int | None
    home_prefecture: str
    locked: bool
    holder: str
    current_sim_on_network: bool | None
    changed_at: dict[str, int]


_READ = decoder(RecordWire)


def record_content(record: LineKnowledge) -> bytes:
    """Return a record in binary form."""
    return encode(
        RecordWire(
            record.activation_day,
            record.birth_date,
            record.name_kana,
            record.document_type,
            record.document,
            record.document_reissue,
            record.home_prefecture,
            record.locked,
            record.holder,
            record.current_sim_on_network,
            dict(record.changed_at),
        )
    )


def knowledge(lines: Sequence[Fingerprint]) -> Script[list[tuple[Fingerprint, LineKnowledge]]]:
    """Return the lines of which anything is known. To be run as a snapshot.

    A line's revision is how often a record or an event came: it grows with every change, also
    where two are committed at once.
    """
    keys = [{"line": line} for line in dict.fromkeys(lines)]
    records = yield _RECORDS.each(keys)
    events = yield _EVENTS.each(keys)
    known: dict[Fingerprint, LineKnowledge] = {}
    record_times: dict[Fingerprint, int] = {}
    for line, record_at, revision, content in records:
        known[bytes(line)] = _read(content, revision)
        record_times[bytes(line)] = record_at
    latest: dict[Fingerprint, dict[str, tuple[int, int]]] = {}
    for line, kind, at, count in events:
        latest.setdefault(bytes(line), {})[codes.LINE_EVENT.word[kind]] = (at, count)
    for line, by_kind in latest.items():
        record = known.get(line, LineKnowledge(revision=0, has_record=False))
        known[line] = _with_events(record, record_times.get(line, 0), by_kind)
    return [(line, known[line]) for line in dict.fromkeys(lines) if line in known]


def _read(content: bytes, revision: int) -> LineKnowledge:
    wire = _READ.decode(content)
    return LineKnowledge(revision=revision, has_record=True, **msgspec.structs.asdict(wire))


def _with_events(
    record: LineKnowledge, record_at: int, latest: Mapping[str, tuple[int, int]]
) -> LineKnowledge:
    changed_at = dict(record.changed_at)
    for kind, (at, _) in latest.items():
        name = _CHANGED_BY[kind]
        changed_at[name] = max(at, changed_at.get(name, at))
    locked = record.locked
    set_at, lifted_at = (latest.get(kind, (0, 0))[0] for kind in ("lock_set", "lock_lifted"))
    # A lock set or lifted after the record was true; of two at the same moment, the lock.
    if max(set_at, lifted_at) > record_at:
        locked = set_at >= lifted_at
    return replace(
        record,
        revision=record.revision + sum(count for _, count in latest.values()),
        locked=locked,
        changed_at=changed_at,
    )
