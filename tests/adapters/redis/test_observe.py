"""One script call: the try is counted, and everything is read."""

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.cache import RedisCache
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.adapters.redis.records import WIDTH
from sekisho.application.ports.cache import (
    LineKnowledge,
    Marking,
    Projection,
    Watched,
)
from sekisho.domain.decision import MissingCause
from sekisho.domain.velocity import (
    DAY_MS,
    MOST_TRIES,
    RETENTION_MS,
    Attribute,
    Dimension,
    Mark,
)
from tests.adapters.redis.observing import DOCUMENT, LINES, WINDOW_MS, attempt, counts
from tests.adapters.redis.proxy import proxy
from tests.support.valkey import Cached, cached, now_ms

SECONDS = 1_000


async def test_a_first_try_counts_itself(redis: Cached) -> None:
    first = await counts(redis, attempt(now_ms()))
    assert first.tries == (1,) * 6
    assert first.distinct[Attribute.LINE] == (1,) * 6
    assert first.distinct[Attribute.BIRTH_DATE] == (0,) * 6
    assert first.covered_from == 0


async def test_a_repeat_counts_once_and_keeps_its_time(redis: Cached) -> None:
    made = attempt(now_ms())
    await counts(redis, made)
    again = await counts(redis, replace(made, at=made.at + 500), now=made.at + 500)
    assert again.tries == (1,) * 6
    stored = await redis.connection.command(
        "GET", keys.tries_key(Dimension.DOCUMENT, DOCUMENT), timeout=5
    )
    assert isinstance(stored, bytes)
    assert len(stored) == WIDTH[Dimension.DOCUMENT]
    assert int.from_bytes(stored[:6], "big") == made.at


async def test_two_hundred_simultaneous_tries_of_one_document_see_each_other(
    redis: Cached,
) -> None:
    at = now_ms()
    seen = await asyncio.gather(*(counts(redis, attempt(at)) for _ in range(200)))
    assert sorted(c.tries[0] for c in seen) == list(range(1, 201))


@pytest.mark.parametrize("window", range(6))
async def test_a_window_ends_one_millisecond_before_its_length(redis: Cached, window: int) -> None:
    now = now_ms()
    inside = attempt(now - WINDOW_MS[window] + 1, line=1)
    outside = attempt(now - WINDOW_MS[window], line=2)
    marks = await redis.store.coverage()
    await redis.store.apply(Projection(tries=(inside, outside)), {0: (marks[0], marks[0])})
    here = await counts(redis, attempt(now, line=3))
    assert here.tries[window] == 2
    assert here.distinct[Attribute.LINE][window] == 2


async def test_only_the_newest_tries_are_kept_and_marks_are_pushed_out_by_nothing(
    redis: Cached,
) -> None:
    now = now_ms()
    failed = attempt(now - DAY_MS)
    marks = await redis.store.coverage()
    flood = tuple(attempt(now - 1000 + n, line=n % 8) for n in range(MOST_TRIES + 50))
    await redis.store.apply(
        Projection(
            tries=(failed, *flood),
            markings=(Marking(failed.try_id, failed.at, Mark.FAILURE, failed.keys),),
        ),
        {0: (marks[0], marks[0])},
    )
    here = await counts(redis, attempt(now))
    assert here.tries[0] == MOST_TRIES
    assert here.marks[Mark.FAILURE][5] == 1
    assert here.last_failure_at == failed.at


async def test_assessing_without_recording_counts_as_if_and_leaves_nothing(
    redis: Cached,
) -> None:
    dimensions = tuple(Dimension)
    made = attempt(now_ms(), dimensions=dimensions)
    dry = await redis.observe(made, record=False)
    assert [c.tries for c in dry.counts] == [(1,) * 6] * len(dimensions)
    for dimension in dimensions:
        key = keys.tries_key(dimension, DOCUMENT)
        assert await redis.connection.command("EXISTS", key, timeout=5) == 0
    wet = await redis.observe(made)
    assert [c.tries for c in wet.counts] == [c.tries for c in dry.counts]


async def test_evidence_replaces_what_the_try_said_and_adds_no_try(redis: Cached) -> None:
    now = now_ms()
    made = attempt(now - 10 * SECONDS, line=1)
    await redis.observe(made, now=now)
    again = await counts(redis, replace(attempt(made.at, 2, made.try_id)), now=now)
    assert again.tries[0] == 1
    assert again.distinct[Attribute.LINE][0] == 1
    other = await counts(redis, attempt(now, line=2))
    assert other.tries[0] == 2
    assert other.distinct[Attribute.LINE][0] == 1


async def test_the_highest_reissue_digit_is_that_of_the_others(redis: Cached) -> None:
    now = now_ms()
    assert (await counts(redis, attempt(now, reissue=3))).highest_reissue is None
    assert (await counts(redis, attempt(now, reissue=1))).highest_reissue == 3
    assert (await counts(redis, attempt(now))).highest_reissue == 3


async def test_an_open_step_up_is_one_of_another_try_that_nothing_closed(
    redis: Cached,
) -> None:
    now = now_ms()
    opened, closed, old, own = (attempt(now) for _ in range(4))
    marks = await redis.store.coverage()
    await redis.store.apply(
        Projection(
            markings=(
                Marking(opened.try_id, now - 1000, Mark.STEP_UP, opened.keys),
                Marking(closed.try_id, now - 1000, Mark.STEP_UP, closed.keys),
                Marking(closed.try_id, now - 500, Mark.CLOSED, closed.keys),
                Marking(old.try_id, now - 1_800_000, Mark.STEP_UP, old.keys),
                Marking(own.try_id, now, Mark.STEP_UP, own.keys),
            )
        ),
        {0: (marks[0], marks[0])},
    )
    here = await counts(redis, own)
    assert here.open_step_ups == 1
    assert here.marks[Mark.STEP_UP][0] == 2
    assert here.marks[Mark.STEP_UP][1] == 3


async def test_a_clock_two_seconds_off_makes_everything_unknown(redis: Cached) -> None:
    observed = await redis.observe(attempt(now_ms() - 3 * SECONDS))
    assert observed.counts == ()
    assert {m.cause for m in observed.missing} == {MissingCause.CACHE_SKEWED}
    await redis.cover()
    fine = await redis.observe(attempt(now_ms() - SECONDS))
    assert fine.missing == ()


async def test_a_cache_that_may_evict_knows_no_counts(redis: Cached) -> None:
    await redis.connection.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru", timeout=5)
    await redis.eviction.refresh()
    observed = await redis.observe(attempt(now_ms()))
    assert observed.counts == ()
    assert observed.watchlists_loaded is None
    assert {m.cause for m in observed.missing} >= {MissingCause.CACHE_MAY_EVICT}


async def test_a_cache_behind_the_ledger_covers_nothing(redis: Cached) -> None:
    await redis.cover(applied_to=now_ms() - 3 * SECONDS)
    observed = await redis.observe(attempt(now_ms()))
    assert observed.counts[0].covered_from is None
    assert [m.cause for m in observed.missing if m.signal == "line"] == [MissingCause.BEHIND_LEDGER]


async def test_an_empty_cache_covers_nothing(redis: Cached) -> None:
    await redis.flush()
    observed = await redis.observe(attempt(now_ms()))
    assert observed.counts[0].covered_from is None
    assert {m.signal for m in observed.missing} == {"line", "watchlist"}


async def test_a_stalled_cache_is_given_up_in_time_and_comes_back(redis: Cached) -> None:
    redis.valkey.send_signal(signal.SIGSTOP)
    try:
        async with asyncio.timeout(1):
            observed = await redis.observe(attempt(now_ms()), timeout=0.05)
    finally:
        redis.valkey.send_signal(signal.SIGCONT)
    assert {m.cause for m in observed.missing} == {MissingCause.CACHE_UNAVAILABLE}
    async with asyncio.timeout(10):
        while (await redis.observe(attempt(now_ms()))).missing:
            await redis.cover()


async def test_a_dead_cache_is_missing_and_raises_nothing(tmp_path: Path) -> None:
    async with cached(tmp_path / "valkey") as running:
        await running.valkey.stop()
        observed = await running.observe(attempt(now_ms()))
        assert {m.cause for m in observed.missing} == {MissingCause.CACHE_UNAVAILABLE}


async def test_an_unknown_line_is_known_to_be_so_only_where_all_is_covered(
    redis: Cached,
) -> None:
    made = attempt(now_ms())
    everything = await redis.observe(made)
    assert everything.line is None
    assert everything.missing == ()
    await redis.cover(covered_from=now_ms() - DAY_MS)
    partly = await redis.observe(attempt(now_ms()))
    assert [m.signal for m in partly.missing] == ["line"]


async def test_a_line_is_read_as_it_was_written_and_never_goes_back(redis: Cached) -> None:
    line = b"\x05" * 16
    new = LineKnowledge(revision=7, has_record=True, locked=True, changed_at={"loss_report": 5})
    old = LineKnowledge(revision=6, has_record=True)
    marks = await redis.store.coverage()
    for knowledge in (new, old):
        await redis.store.apply(Projection(lines=((line, knowledge),)), {0: (marks[0], marks[0])})
    assert (await redis.observe(attempt(now_ms()), line=line)).line == new


async def test_watched_fingerprints_that_are_held_are_candidates(redis: Cached) -> None:
    held, free = Watched("line", LINES[0], False), Watched("sim", LINES[1], True)
    await redis.index.add(1, [LINES[0]])
    await redis.load(stolen=4)
    observed = await redis.observe(attempt(now_ms()), watched=[held, free])
    assert observed.watch_candidates == (held,)
    assert observed.watchlists_loaded == {"stolen": 4}


async def test_what_was_counted_is_forgotten_when_no_window_needs_it(redis: Cached) -> None:
    await redis.observe(attempt(now_ms(), dimensions=(Dimension.DOCUMENT, Dimension.CLERK)))
    for dimension, retention in ((Dimension.DOCUMENT, RETENTION_MS), (Dimension.CLERK, DAY_MS)):
        left = await redis.connection.command(
            "PTTL", keys.tries_key(dimension, DOCUMENT), timeout=5
        )
        assert isinstance(left, int)
        assert retention < left <= retention + 3_600 * SECONDS


async def test_the_same_try_with_other_attributes_is_not_counted_twice(redis: Cached) -> None:
    now = now_ms()
    made = attempt(now, line=1, dimensions=tuple(Dimension))
    await redis.observe(made)
    again = replace(made, attributes=attempt(now, line=2).attributes)
    for counted in (await redis.observe(again)).counts:
        assert counted.tries == (1,) * 6
    other = await redis.observe(attempt(now, line=2, dimensions=tuple(Dimension)))
    for counted in other.counts:
        assert counted.tries == (2,) * 6
        assert set(counted.distinct.get(Attribute.LINE, (1,))) == {1}


async def test_a_try_whose_id_looks_like_part_of_another_record_is_its_own(redis: Cached) -> None:
    now = now_ms()
    await redis.observe(attempt(now, line=1))
    made = attempt(now, line=2, try_id=LINES[1][:8])
    for _ in range(2):
        assert (await counts(redis, made)).tries == (2,) * 6


async def test_a_try_observed_again_much_later_still_counts_itself_in_every_window(
    redis: Cached,
) -> None:
    now = now_ms()
    made = attempt(now - 2 * DAY_MS)
    await redis.observe(made, now=now)
    again = await counts(redis, made, now=now)
    assert again.tries == (1,) * 6
    assert again.distinct[Attribute.LINE] == (1,) * 6
    assert (await counts(redis, attempt(now), now=now)).tries == (1, 1, 1, 2, 2, 2)


async def test_what_became_of_the_try_itself_is_not_held_against_it(redis: Cached) -> None:
    now = now_ms()
    own, other = attempt(now), attempt(now)
    markings = tuple(
        Marking(made.try_id, now - 1000, mark, made.keys)
        for made in (own, other)
        for mark in (Mark.STEP_UP, Mark.FAILURE, Mark.COMPLETED)
    )
    await redis.store.apply(Projection(markings=markings), {})
    here = await counts(redis, own)
    assert {mark: row[0] for mark, row in here.marks.items()} == {
        Mark.STEP_UP: 1,
        Mark.FAILURE: 1,
        Mark.COMPLETED: 1,
    }
    assert here.open_step_ups == 0


async def test_thousands_of_marks_are_all_counted_and_cost_next_to_nothing(
    redis: Cached,
) -> None:
    now = now_ms()
    key = attempt(now).keys
    flood = tuple(Marking(os.urandom(8), now - n, Mark.STEP_UP, key) for n in range(20_000))
    await redis.store.apply(Projection(markings=flood), {})
    await redis.connection.command("CONFIG", "RESETSTAT", timeout=5)
    here = await counts(redis, attempt(now))
    assert here.marks[Mark.STEP_UP] == (20_000,) * 6
    assert here.open_step_ups == MOST_TRIES
    stats = await redis.connection.command("INFO", "commandstats", timeout=5)
    assert isinstance(stats, bytes)
    spent = int(stats.split(b"cmdstat_evalsha:calls=1,usec=")[1].split(b",")[0])
    assert spent < 20_000


@pytest.mark.parametrize(
    ("key", "stored"),
    [
        (keys.COVERAGE_KEYS[DOCUMENT[0]], b"x"),
        (keys.INDEX_KEYS[0], b"x"),
        (keys.INDEX_KEYS[0], b"generate" + b"\xff"),
        (keys.line_key(b"\x00" * 16), b"x"),
        (keys.line_key(b"\x00" * 16), b"x" * 99),
        (keys.tries_key(Dimension.DOCUMENT, DOCUMENT), b"x"),
    ],
)
async def test_what_cannot_be_read_is_missing(redis: Cached, key: bytes, stored: bytes) -> None:
    await redis.connection.command("SET", key, stored, timeout=5)
    observed = await redis.observe(attempt(now_ms()))
    assert observed.counts == ()
    assert {m.cause for m in observed.missing} == {MissingCause.CACHE_UNAVAILABLE}


async def test_somebody_elses_answer_is_missing_and_closes_the_connection(
    redis: Cached, tmp_path: Path
) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        connection = Connection(between.url)
        eviction = EvictionWatch(connection)
        await eviction.refresh()
        through = replace(redis, connection=connection, cache=RedisCache(connection, eviction))
        await through.cover()
        assert (await through.observe(attempt(now_ms()))).missing == ()
        for answer in (b"*2\r\n$8\r\nsomebody\r\n$6\r\nskewed\r\n", b":1\r\n", b"*0\r\n"):
            opened = through.node.opened
            between.prefix = answer
            observed = await through.observe(attempt(now_ms()))
            assert observed.counts == ()
            assert {m.cause for m in observed.missing} == {MissingCause.CACHE_UNAVAILABLE}
            await connection.info(5)
            await redis.cover(applied_to=through.followed())
            assert (await through.observe(attempt(now_ms()))).missing == ()
            assert through.node.opened == opened + 1
        await connection.close()
