"""The projector on a real ledger and a real cache."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.projection import RedisProjectionStore
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.scripts import Database
from sekisho.application.ports.cache import Positions, Projection
from sekisho.application.ports.ledger import NewDecision
from sekisho.application.projector import Projector
from sekisho.domain.velocity import DAY_MS, HOUR_MS, SHORT_LIVED
from tests.adapters.sql import samples
from tests.adapters.sql.databases import opened
from tests.support.history import write_history
from tests.support.valkey import Cached, cached, now_ms

DECISIONS = 600


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Cached]:
    async with cached(tmp_path / "valkey") as opened_cache:
        yield opened_cache


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    await asyncio.to_thread(upgrade, url)
    async with opened(url) as database:
        await write_history(database, DECISIONS, now_ms() - 80 * DAY_MS, now_ms())
        yield database


@asynccontextmanager
async def running(projector: Projector) -> AsyncIterator[None]:
    task = asyncio.create_task(projector.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 60
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def complete(projector: Projector) -> bool:
    progress = await projector.progress()
    return progress is not None and progress.complete


async def contents(redis: Cached) -> dict[bytes, object]:
    """Return what the cache counts: each key with its tries or marks."""
    names = await redis.connection.command("KEYS", "{*}1[to]*", timeout=10)
    assert isinstance(names, list)
    found: dict[bytes, object] = {}
    for name in names:
        assert isinstance(name, bytes)
        # A mark's member has its time in the score.
        how = ("GET", name) if name[5:6] == b"t" else ("ZRANGE", name, 0, -1, "WITHSCORES")
        found[name] = await redis.connection.command(*how, timeout=10)
    return found


class Noting(SqlFeed):
    """A feed that notes how far the cache is whenever older rows are read."""

    def __init__(self, ledger: Database, store: RedisProjectionStore) -> None:
        super().__init__(ledger)
        self._store = store
        self.covered_from: list[int] = []

    async def before(
        self, positions: Positions, most: int, since: int
    ) -> tuple[Projection, Positions, int]:
        marks = await self._store.coverage()
        self.covered_from.append(max(mark.covered_from for mark in marks.values()))
        return await super().before(positions, most, since)


async def test_short_windows_are_covered_before_long_ones(redis: Cached, ledger: Database) -> None:
    feed = Noting(ledger, redis.store)
    projector = Projector(feed, redis.store, now_ms, rows=50)
    async with running(projector):
        await until(lambda: complete(projector))
    assert feed.covered_from == sorted(feed.covered_from, reverse=True)
    ages = [now_ms() - covered_from for covered_from in feed.covered_from]
    for window in (HOUR_MS, 7 * DAY_MS, 30 * DAY_MS):
        assert any(window < age < 60 * DAY_MS for age in ages)


async def test_what_is_rebuilt_does_not_depend_on_the_size_of_batches_or_on_who_else_rebuilds(
    redis: Cached, ledger: Database
) -> None:
    one = Projector(SqlFeed(ledger), redis.store, now_ms, rows=DECISIONS * 2)
    async with running(one):
        await until(lambda: complete(one))
    expected = await contents(redis)
    assert len(expected) > 5 * DECISIONS
    await redis.flush()
    connection = Connection(redis.valkey.url)
    two = Projector(SqlFeed(ledger), redis.store, now_ms, rows=30)
    three = Projector(SqlFeed(ledger), RedisProjectionStore(connection, now_ms), now_ms, rows=70)
    async with running(two), running(three):
        await until(lambda: complete(two))
    await connection.close()
    assert await contents(redis) == expected


async def test_history_goes_on_while_another_worker_follows_new_rows(
    redis: Cached, ledger: Database
) -> None:
    decisions = SqlDecisions(ledger)
    connection = Connection(redis.valkey.url)
    other = Projector(
        SqlFeed(ledger), RedisProjectionStore(connection, now_ms), now_ms, least_pause=0.001
    )
    projector = Projector(SqlFeed(ledger), redis.store, now_ms, rows=100)
    written: list[NewDecision] = []

    done = False

    async def traffic() -> None:
        while not done:
            written.append(samples.decision(("traffic", len(written)), at=now_ms()))
            await decisions.record(written[-1])
            other.nudge()
            await asyncio.sleep(0.005)

    async with running(projector), running(other):
        task = asyncio.create_task(traffic())

        async def mixed() -> bool:
            return len(written) > 10 and await complete(projector)

        await until(mixed)
        done = True
        await task
        ended = now_ms()

        async def caught_up() -> bool:
            progress = await projector.progress()
            return progress is not None and progress.applied_to > ended

        await until(caught_up)
    await connection.close()
    counted = await contents(redis)
    for new in written:
        # Of a busy shop, terminal or clerk the newest tries are kept alone.
        for dimension, fingerprint in new.attempt.keys:
            if dimension not in SHORT_LIVED:
                held = counted[keys.tries_key(dimension, fingerprint)]
                assert isinstance(held, bytes)
                assert held.count(new.attempt.try_id) == 1


async def test_a_flush_in_the_middle_is_noticed(redis: Cached, ledger: Database) -> None:
    projector = Projector(SqlFeed(ledger), redis.store, now_ms, rows=40)

    async def half() -> bool:
        progress = await projector.progress()
        return progress is not None and progress.covered_from < now_ms() - 20 * DAY_MS

    async with running(projector):
        await until(half)
        assert not await complete(projector)
        await redis.flush()
        await until(lambda: complete(projector))
    found = await contents(redis)
    async with running(projector):
        await redis.flush()
        await until(lambda: complete(projector))
    assert await contents(redis) == found


async def test_an_ended_projector_leaves_no_reading_behind(redis: Cached, ledger: Database) -> None:
    projector = Projector(SqlFeed(ledger), redis.store, now_ms, rows=10)

    async def begun() -> bool:
        return projector.rows > 50

    before = asyncio.all_tasks()
    async with running(projector):
        await until(begun)
    assert asyncio.all_tasks() - before <= {asyncio.current_task()}


async def test_a_part_that_was_away_for_long_does_not_hold_up_the_others(
    redis: Cached, ledger: Database
) -> None:
    projector = Projector(SqlFeed(ledger), redis.store, now_ms, rows=10)
    async with running(projector):
        await until(lambda: complete(projector))
    marks = await redis.store.coverage()
    late = range(128)
    moved = {tag: (marks[tag], replace(marks[tag], top=Positions())) for tag in late}
    # The place of a mark is only ever moved upwards: as after a flush of these tags alone.
    await redis.connection.command("UNLINK", *[keys.COVERAGE_KEYS[t] for t in late], timeout=5)
    assert await redis.store.apply(
        Projection(), {tag: (None, to) for tag, (_, to) in moved.items()}
    )
    followed = False

    async def caught_up() -> bool:
        nonlocal followed
        now = await redis.store.coverage()
        behind = now[0].top.decisions < marks[0].top.decisions
        followed = followed or (behind and now[255].applied_to > marks[255].applied_to)
        return not behind

    async with running(projector):
        await until(caught_up)
        await until(lambda: complete(projector))
    assert followed


async def test_a_try_that_a_wrong_clock_kept_out_ends_the_rest_and_is_there_once_counts_are_known(
    redis: Cached, ledger: Database
) -> None:
    projector = Projector(SqlFeed(ledger), redis.store, now_ms, pause=60, least_pause=60)
    redis.connection.when_behind(projector.hurry)
    new = samples.decision(("turned", 1), at=now_ms() - 10_000)
    async with running(projector):
        await until(lambda: complete(projector))
        uncounted = (await redis.observe(new.attempt)).uncounted
        assert uncounted
        await SqlDecisions(ledger).record(new)
        redis.cache.recorded(uncounted)
        other = replace(new.attempt, try_id=b"\xff" * 8)

        async def known() -> bool:
            observed = await redis.observe(replace(other, at=now_ms()), record=False)
            first = observed.counts[0]
            assert first.covered_from is None or first.tries[-1] == 2
            return first.covered_from is not None

        await until(known)


class Surprising(SqlFeed):
    """A feed that fails once as no store does."""

    surprises = 1

    async def after(self, positions: Positions, most: int) -> tuple[Projection, Positions, bool]:
        if self.surprises:
            self.surprises -= 1
            raise RuntimeError("nobody thought of this")
        return await super().after(positions, most)


async def test_a_projector_outlives_an_error_that_nobody_thought_of(
    redis: Cached, ledger: Database
) -> None:
    feed = Surprising(ledger)
    projector = Projector(feed, redis.store, now_ms)
    async with running(projector):
        await until(lambda: complete(projector))
    assert feed.surprises == 0
