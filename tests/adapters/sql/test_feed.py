import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

import asyncpg
import sqlalchemy as sa

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.feed import MARGIN_MS, SqlFeed
from sekisho.adapters.sql.lines import SqlLines
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import decision
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.application.ports.cache import LineKnowledge, Marking, Positions, Projection, Try
from sekisho.application.ports.ledger import NewDecision
from sekisho.application.ports.lines import LineEvent
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.velocity import DAY_MS, Dimension, Mark
from tests.adapters.sql import samples
from tests.adapters.sql.databases import opened, rows

AnyDatabase = SqliteDatabase | PostgresDatabase


async def upwards(feed: SqlFeed, most: int = 100) -> Projection:
    """Read the whole feed from its beginning."""
    positions, parts, at_end = Positions(), [], False
    while not at_end:
        part, positions, at_end = await feed.after(positions, most)
        parts.append(part)
    return joined(parts)


async def downwards(feed: SqlFeed, most: int = 100) -> Projection:
    """Read the whole feed from its head."""
    positions, parts, covered_from = await feed.head(), [], 1
    while covered_from:
        part, positions, covered_from = await feed.before(positions, most, 0)
        parts.append(part)
    assert positions == Positions()
    return joined(parts)


def joined(parts: Sequence[Projection]) -> Projection:
    return Projection(
        tuple(t for part in parts for t in part.tries),
        tuple(m for part in parts for m in part.markings),
        tuple(line for part in parts for line in part.lines),
    )


async def recorded(ledger: SqlDecisions, count: int, start: int = 0) -> list[NewDecision]:
    every = [samples.decision(n, at=samples.NOW + n) for n in range(start, start + count)]
    for new in every:
        await ledger.record(new)
    return every


async def test_an_empty_ledger_is_covered_from_the_beginning(database: AnyDatabase) -> None:
    feed = SqlFeed(database)
    assert await feed.head() == Positions()
    assert await feed.after(Positions(), 10) == (Projection(), Positions(), True)
    assert await feed.before(Positions(), 10, 0) == (Projection(), Positions(), 0)


async def test_every_try_comes_in_the_order_in_which_it_was_recorded(
    database: AnyDatabase,
) -> None:
    every = await recorded(SqlDecisions(database), 7)
    feed = SqlFeed(database)
    tries = tuple(new.attempt for new in every)
    for most in (1, 3, 7, 100):
        assert (await upwards(feed, most)).tries == tries
        assert (await downwards(feed, most)).tries == tries[::-1]


async def test_the_end_is_reached_when_nothing_readable_is_left(database: AnyDatabase) -> None:
    await recorded(SqlDecisions(database), 3)
    feed = SqlFeed(database)
    _, positions, at_end = await feed.after(Positions(), 2)
    assert not at_end
    part, positions, at_end = await feed.after(positions, 2)
    assert (len(part.tries), at_end) == (1, True)
    assert positions == await feed.head()


async def test_a_step_up_is_marked_along_all_its_keys(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision(verdict=Verdict.STEP_UP)
    await ledger.record(new)
    await ledger.record(samples.decision("allowed"))
    assert (await upwards(SqlFeed(database))).markings == (
        Marking(new.attempt.try_id, new.standing.decided_at, Mark.STEP_UP, new.attempt.keys),
    )


async def test_an_events_marks_count_along_keys_that_evidence_added(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision(verdict=Verdict.STEP_UP)
    await ledger.record(new)
    passport = (Dimension.DOCUMENT, samples.fingerprint("passport"))
    longer = replace(new.attempt, keys=(passport, *new.attempt.keys))
    evidence = replace(samples.event(new.standing, DecisionState.STEP_UP_OPEN), attempt=longer)
    failure = samples.event(
        evidence.standing,
        DecisionState.STEP_UP_FAILED,
        at=samples.NOW + 90_000,
        marks=(Mark.FAILURE, Mark.CLOSED),
    )
    await ledger.append(evidence)
    await ledger.append(failure)
    found = await upwards(SqlFeed(database))
    assert found.tries == (new.attempt, longer)
    all_keys = (*new.attempt.keys, passport)
    assert found.markings[1:] == tuple(
        Marking(new.attempt.try_id, samples.NOW + 90_000, mark, all_keys) for mark in failure.marks
    )


async def test_a_lines_whole_knowledge_comes_when_any_of_it_changed(
    database: AnyDatabase,
) -> None:
    lines = SqlLines(database)
    line = samples.fingerprint("line")
    record = LineKnowledge(revision=0, has_record=True, locked=True)
    await lines.upsert_record(samples.once(), line, record, samples.NOW)
    await lines.upsert_record(samples.once(), line, record, samples.NOW + 1)
    feed = SqlFeed(database)
    known = ((line, replace(record, revision=2)),)
    assert (await upwards(feed)).lines == known
    assert (await downwards(feed)).lines == known
    assert (await feed.after(await feed.head(), 10))[0].lines == ()


async def test_a_row_that_names_many_lines_is_told_alone(database: AnyDatabase) -> None:
    lines = SqlLines(database)
    every = [samples.fingerprint(n) for n in range(200)]
    await lines.record_events(
        "gateway", [LineEvent(str(uuid.uuid4()), line, "lock_set", samples.NOW) for line in every]
    )
    feed = SqlFeed(database)
    part, _, at_end = await feed.after(Positions(), 10)
    assert (len(part.lines), at_end) == (64, False)
    for found in (await upwards(feed, 10), await downwards(feed, 10)):
        assert {line for line, _ in found.lines} == set(every)


async def test_what_is_covered_begins_above_every_row_that_is_left(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    older, newer = samples.NOW, samples.NOW + 3_600_000
    # The last was decided long ago, and delivered late: rows below it are younger.
    for number, at in enumerate((older, newer, newer + 5, older + 7)):
        await ledger.record(samples.decision(number, at=at))
    feed = SqlFeed(database)
    _, positions, covered_from = await feed.before(await feed.head(), 2, 0)
    assert covered_from == newer + 5 + MARGIN_MS
    part, positions, covered_from = await feed.before(positions, 100, 0)
    assert [attempt.at for attempt in part.tries] == [newer, older]
    assert (positions, covered_from) == (Positions(), 0)


async def test_decisions_delivered_late_do_not_tell_how_old_those_below_them_are(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    outage, after = samples.NOW, samples.NOW + 3_600_000
    await ledger.record(samples.decision(0, at=after))
    for number in range(1, 4):
        new = samples.decision(number, at=outage + number, verdict=Verdict.STEP_UP)
        await ledger.record(replace(new, standing=replace(new.standing, degraded=True)))
    await ledger.record(samples.decision(4, at=after + 1))
    feed = SqlFeed(database)
    _, positions, covered_from = await feed.before(await feed.head(), 1, 0)
    assert covered_from == after + 1 + MARGIN_MS
    for _ in range(3):
        _, positions, covered_from = await feed.before(positions, 1, 0)
        # That one from after the outage is still to come.
        assert covered_from > after
    _, positions, covered_from = await feed.before(positions, 1, 0)
    assert covered_from == after + MARGIN_MS


async def test_what_no_window_needs_any_more_is_not_read(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    old, new = samples.NOW, samples.NOW + 100 * DAY_MS
    for number, at in enumerate((old, old + 1, old + 2, new)):
        made = samples.decision(number, at=at)
        await ledger.record(made)
        closed = samples.event(made.standing, DecisionState.COMPLETED, at=at, marks=(Mark.CLOSED,))
        await ledger.append(closed)
    line = samples.fingerprint("line")
    record = LineKnowledge(revision=0, has_record=True)
    await SqlLines(database).upsert_record(samples.once(), line, record, old)
    feed = SqlFeed(database)
    since = new - 90 * DAY_MS
    _, positions, covered_from = await feed.before(await feed.head(), 1, since)
    assert covered_from == new + MARGIN_MS
    part, positions, covered_from = await feed.before(positions, 1, since)
    assert [attempt.at for attempt in part.tries] == [old + 2]
    assert (positions.decisions, positions.events) == (0, 0)
    # Lines are known whole, however old they are.
    assert (positions.lines, covered_from) == (0, 0)


async def test_a_transaction_that_began_earlier_and_ends_later_is_not_passed_by(
    postgres_url: str,
) -> None:
    connection = await asyncpg.connect(postgres_url)
    async with opened(postgres_url) as database:
        ledger, feed = SqlDecisions(database), SqlFeed(database)
        (first,) = await recorded(ledger, 1)
        transaction = connection.transaction()
        await transaction.start()
        # It draws its number, and stays open while others commit theirs.
        await connection.execute(copy_of_the_first_decision)
        later = await recorded(ledger, 3, start=1)
        part, positions, at_end = await feed.after(Positions(), 100)
        assert part.tries == (first.attempt,)
        # The rows that wait were decided long ago: this is not the ledger's end.
        assert not at_end
        assert await feed.head() == positions
        await transaction.commit()
        part, positions, at_end = await feed.after(positions, 100)
        assert [attempt.try_id for attempt in part.tries] == [
            attempt.try_id for attempt in (first.attempt, *(new.attempt for new in later))
        ]
        assert at_end
    await connection.close()


async def test_rows_that_wait_for_a_moment_only_do_not_hide_the_end(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    async with opened(postgres_url) as database:
        ledger, feed = SqlDecisions(database), SqlFeed(database)
        await recorded(ledger, 1)
        _, positions, _ = await feed.after(Positions(), 100)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT pg_current_xact_id()")
        await ledger.record(samples.decision("now", at=time.time_ns() // 1_000_000))
        assert await feed.after(positions, 100) == (Projection(), positions, True)
        await transaction.rollback()
    await connection.close()


async def test_readers_miss_nothing_while_many_write_at_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two, opened(url) as reading:
        ledgers = [SqlDecisions(one), SqlDecisions(two)]
        feed = SqlFeed(reading)
        every = [samples.decision(n) for n in range(200)]
        seen: list[Try] = []
        done = asyncio.Event()

        async def follow() -> None:
            positions = Positions()
            while True:
                last = done.is_set()
                part, positions, at_end = await feed.after(positions, 10)
                seen.extend(part.tries)
                if last and at_end:
                    return

        async def write(worker: int) -> None:
            for number in range(worker, 200, 8):
                await ledgers[worker % 2].record(every[number])

        async with asyncio.TaskGroup() as group:
            group.create_task(follow())
            async with asyncio.TaskGroup() as writers:
                for worker in range(8):
                    writers.create_task(write(worker))
            done.set()
        assert sorted(t.try_id for t in seen) == sorted(new.attempt.try_id for new in every)


async def test_numbers_go_on_after_a_restore_into_a_cluster_with_lower_transaction_ids(
    postgres_url: str,
) -> None:
    connection = await asyncpg.connect(postgres_url)
    async with opened(postgres_url) as database:
        await recorded(SqlDecisions(database), 1)
    # As a row from a cluster that had made a million transactions more.
    await connection.execute("UPDATE decision SET seq = seq + (1000000::bigint << 11)")
    await connection.close()
    async with opened(postgres_url) as database:
        feed = SqlFeed(database)
        before = await feed.head()
        assert before.decisions > 1_000_000 << 11
        (new,) = await recorded(SqlDecisions(database), 1, start=1)
        part, _, at_end = await feed.after(before, 10)
        assert (part.tries, at_end) == ((new.attempt,), True)
    async with opened(postgres_url) as database:
        base = sa.text("SELECT value FROM counter WHERE name = 'feed_base'")
        ((value,),) = await rows(database, base)
        assert 0 < value <= 1_000_001


names = [column.name for column in decision.columns if column.name not in {"seq", "id", "shop"}]
copy_of_the_first_decision = (
    f"INSERT INTO decision (seq, id, shop, {', '.join(names)})"
    f" SELECT feed_seq(1), '\\x01', 'elsewhere', {', '.join(names)} FROM decision"
)
