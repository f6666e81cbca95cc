import asyncio
import uuid
from dataclasses import replace

import pytest

from sekisho.adapters.sql.lines import SqlLines
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import line_change, line_event
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.application.ports.cache import LineKnowledge
from sekisho.application.ports.lines import LineEvent
from sekisho.domain.errors import MalformedIdentifierError, RequestIdReusedError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase

LINE = samples.fingerprint("line")
NOW = samples.NOW

RECORD = LineKnowledge(
    revision=0,
    has_record=True,
    activation_day=18_000,
    birth_date=samples.fingerprint("born"),
    name_kana=samples.fingerprint("name"),
    document_type="driving_licence",
    document=samples.fingerprint("document"),
    document_reissue=1,
    home_prefecture="JP-13",
    locked=False,
    holder="corporate",
    current_sim_on_network=True,
    changed_at={"contact_change": NOW - 5, "pin_change": NOW - 9},
)


def event(kind: str, at: int, line: bytes = LINE) -> LineEvent:
    return LineEvent(str(uuid.uuid4()), line, kind, at)


async def known(lines: SqlLines, line: bytes = LINE) -> LineKnowledge:
    ((found, knowledge),) = await lines.knowledge([line])
    assert found == line
    return knowledge


async def test_a_record_is_known_as_it_was_kept(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    await lines.upsert_record(samples.once(), LINE, RECORD, NOW)
    assert await known(lines) == replace(RECORD, revision=1)


async def test_nothing_is_known_of_another_line(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    await lines.upsert_record(samples.once(), LINE, RECORD, NOW)
    assert list(await lines.knowledge([samples.fingerprint("other")])) == []
    assert list(await lines.knowledge([])) == []


async def test_the_latest_record_counts_whichever_came_last(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    older = replace(RECORD, home_prefecture="JP-01")
    await lines.upsert_record(samples.once(), LINE, RECORD, NOW)
    await lines.upsert_record(samples.once(), LINE, older, NOW - 1)
    assert await known(lines) == replace(RECORD, revision=2)
    newer = replace(RECORD, home_prefecture="JP-47")
    await lines.upsert_record(samples.once(), LINE, newer, NOW + 1)
    assert await known(lines) == replace(newer, revision=3)


async def test_a_repeat_of_a_record_changes_nothing(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    once = samples.once("gateway")
    await lines.upsert_record(once, LINE, RECORD, NOW)
    await lines.upsert_record(once, LINE, RECORD, NOW)
    assert (await known(lines)).revision == 1
    with pytest.raises(RequestIdReusedError):
        await lines.upsert_record(replace(once, body_digest=b""), LINE, RECORD, NOW)


async def test_events_tell_of_a_line_without_a_record(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    await lines.record_events(
        "gateway",
        [event("loss_reported", NOW), event("loss_reported", NOW - 7), event("lock_set", NOW - 2)],
    )
    assert await known(lines) == LineKnowledge(
        revision=3,
        has_record=False,
        locked=True,
        changed_at={"loss_report": NOW, "lock_change": NOW - 2},
    )


async def test_record_and_events_are_merged_to_the_latest(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    await lines.upsert_record(samples.once(), LINE, RECORD, NOW)
    await lines.record_events(
        "gateway", [event("contact_changed", NOW - 100), event("pin_changed", NOW)]
    )
    found = await known(lines)
    assert found.changed_at == {"contact_change": NOW - 5, "pin_change": NOW}
    assert found.revision == 3


@pytest.mark.parametrize(
    ("recorded", "events", "locked"),
    [
        (False, [("lock_set", NOW + 1)], True),
        (False, [("lock_set", NOW - 1)], False),
        (True, [("lock_lifted", NOW + 1)], False),
        (True, [("lock_lifted", NOW - 1)], True),
        (False, [("lock_set", NOW + 2), ("lock_lifted", NOW + 3)], False),
        (False, [("lock_lifted", NOW + 2), ("lock_set", NOW + 3)], True),
        (False, [("lock_lifted", NOW + 2), ("lock_set", NOW + 2)], True),
    ],
)
async def test_the_latest_word_on_a_lock_counts(
    database: AnyDatabase, recorded: bool, events: list[tuple[str, int]], locked: bool
) -> None:
    lines = SqlLines(database)
    await lines.upsert_record(samples.once(), LINE, replace(RECORD, locked=recorded), NOW)
    await lines.record_events("gateway", [event(kind, at) for kind, at in events])
    assert (await known(lines)).locked is locked


async def test_an_event_counts_once(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    first, second = event("sim_changed", NOW), event("fraud_reported", NOW)
    assert await lines.record_events("gateway", [first, first]) == (1, 1)
    assert await lines.record_events("gateway", [first, second]) == (1, 1)
    assert await lines.record_events("gateway", [second]) == (0, 1)
    assert (await known(lines)).revision == 2
    assert await lines.record_events("other gateway", [first]) == (1, 0)


@pytest.mark.parametrize("change", [{"at": NOW + 1}, {"kind": "lock_set"}, {"line": b"\x00" * 16}])
async def test_a_known_event_with_another_content_refuses_all_of_them(
    database: AnyDatabase, change: dict[str, object]
) -> None:
    lines = SqlLines(database)
    first = event("sim_changed", NOW)
    other = replace(first, **change)  # type: ignore[arg-type]
    with pytest.raises(RequestIdReusedError):
        await lines.record_events("gateway", [first, other])
    await lines.record_events("gateway", [first])
    with pytest.raises(RequestIdReusedError):
        await lines.record_events("gateway", [event("pin_changed", NOW), other])
    assert await count(database, line_event) == 1
    assert await count(database, line_change) == 1


async def test_an_event_id_that_is_no_uuid_is_refused(database: AnyDatabase) -> None:
    with pytest.raises(MalformedIdentifierError):
        await SqlLines(database).record_events("g", [LineEvent("1", LINE, "lock_set", NOW)])


async def test_the_same_stream_over_two_connections_counts_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        events = [event("pin_changed", NOW, samples.fingerprint(n)) for n in range(200)]
        got = await asyncio.gather(
            SqlLines(one).record_events("gateway", events),
            SqlLines(two).record_events("gateway", events[::-1]),
        )
        assert sum(new for new, _ in got) == 200
        assert await count(one, line_event) == 200


async def test_a_long_stream_is_one_change_of_all_its_lines(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    every = [samples.fingerprint(n) for n in range(3_000)]
    events = [event("contact_changed", NOW, line) for line in every]
    assert await lines.record_events("gateway", events) == (3_000, 0)
    assert {line for line, _ in await lines.knowledge(every)} == set(every)
    assert await count(database, line_change) == 47
