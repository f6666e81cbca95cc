"""Rows of the ledger in the cache, and the marks that say how far it is."""

import asyncio
import os
from dataclasses import replace

import pytest

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.records import RETENTION
from sekisho.application.ports.cache import Coverage, Marking, Positions, Projection
from sekisho.domain.errors import CacheUnavailableError
from sekisho.domain.velocity import DAY_MS, MOST_TRIES, Attribute, Dimension, Mark
from tests.adapters.redis.observing import attempt, counts
from tests.support.valkey import Cached, now_ms


async def test_marks_come_back_as_they_were_written(redis: Cached) -> None:
    marks = await redis.store.coverage()
    mark = Coverage(os.urandom(8), Positions(7, 8, 9), Positions(1, 2, 3), 4, 5)
    assert await redis.store.apply(Projection(), {3: (marks[3], mark)})
    assert (await redis.store.coverage())[3] == mark


async def test_a_mark_that_moved_meanwhile_is_left_alone(redis: Cached) -> None:
    marks = await redis.store.coverage()
    for newer, stale in (
        ({"top": Positions(2, 2, 2)}, {"top": Positions(3, 3, 3)}),
        ({"bottom": Positions(8, 8, 8)}, {"bottom": Positions(7, 7, 7)}),
        ({"covered_from": 9}, {"covered_from": 8}),
        ({"generation": os.urandom(8)}, {"applied_to": marks[1].applied_to + 1}),
    ):
        was = (await redis.store.coverage())[1]
        holds = replace(was, **newer)
        assert await redis.store.apply(Projection(), {1: (was, holds)})
        moved = replace(was, **stale)
        assert not await redis.store.apply(Projection(), {1: (was, moved)})
        assert (await redis.store.coverage())[1] == holds
    await redis.flush()
    assert not await redis.store.apply(Projection(), {1: (holds, holds)})
    assert await redis.store.coverage() == {}


async def test_who_follows_new_rows_and_who_covers_history_do_not_stop_each_other(
    redis: Cached,
) -> None:
    was = (await redis.store.coverage())[1]
    above = replace(was, top=Positions(5, 5, 5), applied_to=was.applied_to + 5)
    below = replace(was, bottom=Positions(1, 1, 1), covered_from=7)
    later = replace(above, applied_to=was.applied_to + 9)
    assert await redis.store.apply(Projection(), {1: (was, above)})
    assert await redis.store.apply(Projection(), {1: (was, below)})
    assert await redis.store.apply(Projection(), {1: (above, later)})
    # That the ledger's end was there at an earlier moment takes nothing back.
    assert await redis.store.apply(
        Projection(), {1: (above, replace(above, applied_to=was.applied_to + 6))}
    )
    assert (await redis.store.coverage())[1] == replace(
        later, bottom=below.bottom, covered_from=below.covered_from
    )


async def test_projecting_what_was_counted_already_changes_nothing(redis: Cached) -> None:
    made = attempt(now_ms())
    before = await counts(redis, made)
    marks = await redis.store.coverage()
    for _ in range(3):
        await redis.store.apply(Projection(tries=(made,)), {0: (marks[0], marks[0])})
    assert await counts(redis, made) == before


async def test_what_evidence_changed_replaces_the_older_member(redis: Cached) -> None:
    made = attempt(now_ms(), line=1)
    await counts(redis, made)
    marks = await redis.store.coverage()
    later = attempt(made.at, line=2, try_id=made.try_id)
    await redis.store.apply(Projection(tries=(later,)), {0: (marks[0], marks[0])})
    assert (await counts(redis, attempt(now_ms(), line=2))).tries[0] == 2


async def test_a_cache_that_is_away_is_said_to_be(redis: Cached) -> None:
    await redis.valkey.stop()
    with pytest.raises(CacheUnavailableError):
        await redis.store.coverage()
    with pytest.raises(CacheUnavailableError):
        await redis.store.apply(Projection(), {})


async def test_of_two_records_of_a_try_the_later_one_stays_in_whatever_order_they_come(
    redis: Cached,
) -> None:
    first = attempt(now_ms(), line=1)
    # Evidence corrected the line, so the try has a key more.
    corrected = attempt(first.at, line=2, try_id=first.try_id)
    corrected = replace(corrected, keys=(*corrected.keys, (Dimension.LINE, b"\x02" * 16)))
    for order in ((first, corrected), (corrected, first), (first,)):
        for made in order:
            await redis.store.apply(Projection(tries=(made,)), {})
        here = await counts(redis, attempt(now_ms(), line=2), record=False)
        assert here.tries[0] == 2
        assert here.distinct[Attribute.LINE][0] == 1


async def test_history_that_comes_newest_first_is_counted_the_same(redis: Cached) -> None:
    now = now_ms()
    made = [attempt(now - n * 60_000, line=n % 8) for n in range(MOST_TRIES + 10)]
    for start in range(0, len(made), 50):
        await redis.store.apply(Projection(tries=tuple(made[start : start + 50])), {})
    backwards = await counts(redis, attempt(now), record=False)
    await redis.flush()
    await redis.cover()
    await redis.store.apply(Projection(tries=tuple(reversed(made))), {})
    assert await counts(redis, attempt(now), record=False) == backwards
    assert backwards.tries[5] == MOST_TRIES


async def test_no_mark_moves_when_a_row_could_not_be_written(redis: Cached) -> None:
    made = attempt(now_ms())
    (key,) = made.keys
    await redis.connection.command("HSET", keys.marks_key(*key), "a", "b", timeout=5)
    marks = await redis.store.coverage()
    newer = replace(marks[1], applied_to=marks[1].applied_to + 1)
    with pytest.raises(CacheUnavailableError):
        await redis.store.apply(
            Projection(markings=(Marking(made.try_id, made.at, Mark.FAILURE, made.keys),)),
            {1: (marks[1], newer)},
        )
    assert await redis.store.coverage() == marks


async def test_rows_are_written_though_the_server_knows_only_the_script_that_moves_marks(
    redis: Cached,
) -> None:
    marks = await redis.store.coverage()
    await redis.connection.command("SCRIPT", "FLUSH", timeout=5)
    assert await redis.store.apply(Projection(), {1: (marks[1], marks[1])})
    assert await redis.store.apply(
        Projection(tries=(attempt(now_ms()),)), {1: (marks[1], marks[1])}
    )
    assert (await counts(redis, attempt(now_ms()))).tries[0] == 2


async def test_of_a_mark_made_twice_the_later_time_counts(redis: Cached) -> None:
    made = attempt(now_ms())
    for at in (made.at - 5000, made.at - 1000, made.at - 9000):
        marking = Marking(made.try_id, at, Mark.FAILURE, made.keys)
        await redis.store.apply(Projection(markings=(marking,)), {})
    here = await counts(redis, attempt(now_ms()))
    assert here.marks[Mark.FAILURE][0] == 1
    assert here.last_failure_at == made.at - 1000


async def test_marks_that_no_window_needs_go(redis: Cached) -> None:
    now = now_ms()
    old, new = attempt(now), attempt(now)
    for made, at in ((old, now - 100 * DAY_MS), (new, now)):
        marking = Marking(made.try_id, at, Mark.FAILURE, made.keys)
        await redis.store.apply(Projection(markings=(marking,)), {})
    (key,) = new.keys
    held = await redis.connection.command("ZRANGE", keys.marks_key(*key), 0, -1, timeout=5)
    assert held == [b"1" + new.try_id]
    left = await redis.connection.command("PTTL", keys.marks_key(*key), timeout=5)
    assert isinstance(left, int)
    assert 90 * DAY_MS < left <= RETENTION[Dimension.DOCUMENT]


async def test_marks_that_are_not_sekishos_are_told(redis: Cached) -> None:
    await redis.connection.command("SET", keys.COVERAGE_KEYS[9], "hello", timeout=5)
    with pytest.raises(CacheUnavailableError):
        await redis.store.coverage()


async def test_what_no_window_of_a_dimension_counts_is_not_kept(redis: Cached) -> None:
    now = now_ms()
    made = attempt(now - 2 * DAY_MS)
    shop, sim = (Dimension.SHOP, os.urandom(16)), (Dimension.SIM, os.urandom(16))
    made = replace(made, keys=(*made.keys, shop, sim))
    every = [Marking(made.try_id, made.at, mark, made.keys) for mark in Mark]
    await redis.store.apply(Projection((made,), tuple(every)), {})
    names = {key: keys.tries_key(*key) for key in made.keys}
    held = {key for key, name in names.items() if await exists(redis, name)}
    # A shop's tries are kept for a day.
    assert held == {*made.keys} - {shop}
    # A SIM counts failures alone, a document no overrides.
    assert await redis.connection.command("ZRANGE", keys.marks_key(*sim), 0, -1, timeout=5) == [
        b"1" + made.try_id
    ]
    assert await redis.connection.command(
        "ZRANGE", keys.marks_key(*made.keys[0]), 0, -1, timeout=5
    ) == [kind + made.try_id for kind in (b"0", b"1", b"2", b"4")]
    assert not await exists(redis, keys.marks_key(*shop))


async def exists(redis: Cached, key: bytes) -> bool:
    return await redis.connection.command("EXISTS", key, timeout=5) == 1


async def test_rows_and_marks_go_over_one_connection_or_not_at_all(redis: Cached) -> None:
    marks = await redis.store.coverage()
    newer = replace(marks[1], top=Positions(9, 9, 9))
    tries = tuple(attempt(now_ms() - n) for n in range(5_000))
    writing = asyncio.create_task(
        redis.store.apply(Projection(tries=tries), {1: (marks[1], newer)})
    )
    while not await redis.connection.command("KEYS", "*tD*", timeout=5):
        await asyncio.sleep(0)
    await redis.connection.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no", timeout=5)
    with pytest.raises(CacheUnavailableError):
        await writing
    assert await redis.store.coverage() == marks
