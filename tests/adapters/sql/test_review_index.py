"""The desk's index follows the ledger: however it was made, it is the same."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import sqlalchemy as sa

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.review.desk import SqlDesk
from sekisho.adapters.sql.schema import (
    review_case,
    review_change,
    review_identifier,
    review_place,
    review_reason,
)
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Row
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.review import DUE_MS
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened, rows, run

AnyDatabase = SqliteDatabase | PostgresDatabase

INDEX = (review_case, review_identifier, review_reason)
HOUR = 3_600_000
ENDS = (
    DecisionState.ALLOWED,
    DecisionState.STEP_UP_FAILED,
    DecisionState.EXPIRED,
    DecisionState.COMPLETED,
)


def desk_of(database: AnyDatabase) -> SqlDesk:
    return SqlDesk(database, lambda: DUE_MS)


async def record(database: AnyDatabase, seed: object) -> NewDecision:
    """Record a step-up or a pass."""
    verdict = Verdict.STEP_UP if Random(repr(seed)).random() < 0.7 else Verdict.ALLOW
    new = samples.decision(seed, verdict=verdict)
    await SqlDecisions(database).record(new)
    return new


async def revise(database: AnyDatabase, new: NewDecision, random: Random) -> None:
    """Let something happen to it."""
    await SqlDecisions(database).append(samples.event(new.standing, random.choice(ENDS)))


async def history(database: AnyDatabase, desk: SqlDesk | None) -> None:
    """Write decisions and events, followed by an indexer where there is one."""
    random = Random(3)
    for number in range(90):
        new = await record(database, number)
        if random.random() < 0.3 and desk:
            await desk.follow(samples.NOW)
        if random.random() < 0.5:
            await revise(database, new, random)


async def follow(desk: SqlDesk) -> None:
    """Index all there is."""
    while await desk.follow(samples.NOW):
        pass


async def index(database: AnyDatabase) -> Sequence[Sequence[Row]]:
    """Return all of the index, sorted."""
    return [
        sorted(await rows(database, sa.select(*table.primary_key.columns, table)), key=repr)
        for table in INDEX
    ]


async def forget(database: AnyDatabase) -> None:
    """Drop the index and how far it was."""
    for table in (*INDEX, review_place):
        await run(database, sa.delete(table))


async def test_an_index_rebuilt_from_nothing_equals_one_followed_live(
    database: AnyDatabase,
) -> None:
    desk = desk_of(database)
    await history(database, desk)
    await follow(desk)
    live = await index(database)
    assert len(live[0]) == 90
    assert live[1]
    assert live[2]
    await forget(database)
    await follow(desk)
    assert await index(database) == live


async def test_an_indexer_with_nothing_new_tells_nobody_of_a_change(database: AnyDatabase) -> None:
    desk = desk_of(database)
    await history(database, None)
    await follow(desk)
    told = await desk.head()
    await follow(desk)
    assert await desk.head() == told
    # Read again from the beginning, nothing has changed either.
    await run(database, sa.delete(review_place))
    await follow(desk)
    assert await desk.head() == told


async def test_several_indexers_make_one_index_and_tell_each_change_once(
    database: AnyDatabase, url: str
) -> None:
    await history(database, None)
    async with opened(url) as second, opened(url) as third:
        await asyncio.gather(*(follow(desk_of(each)) for each in (database, second, third)))
        # One that lost a step's race may have stopped before the end.
        await follow(desk_of(database))
    assert await count(database, review_case) == 90
    made = await index(database)
    changed = await rows(database, sa.select(review_change.c.decision_id))
    assert sorted(bytes(row[0]) for row in changed) == sorted(bytes(row[0]) for row in made[0])
    await forget(database)
    await follow(desk_of(database))
    assert await index(database) == made


async def test_an_indexer_that_is_killed_leaves_nothing_half_done(database: AnyDatabase) -> None:
    random = Random(8)
    await history(database, None)
    for _ in range(25):
        task = asyncio.create_task(follow(desk_of(database)))
        await asyncio.sleep(random.random() * 0.02)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await follow(desk_of(database))
    made = await index(database)
    assert len(made[0]) == 90
    await forget(database)
    await follow(desk_of(database))
    assert await index(database) == made


async def test_changes_are_dropped_after_an_hour_but_for_the_last(database: AnyDatabase) -> None:
    desk = desk_of(database)
    await history(database, None)
    await follow(desk)
    head = await desk.head()
    await desk.tidy(samples.NOW + HOUR - 1)
    assert await count(database, review_change) == 90
    await desk.tidy(samples.NOW + HOUR + 1)
    assert await count(database, review_change) == 1
    assert await desk.head() == head
    new = await record(database, "later")
    await follow(desk)
    _, changed = await desk.changes(head, 100)
    assert changed == [new.standing.decision_id]
