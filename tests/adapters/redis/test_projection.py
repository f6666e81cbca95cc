"""Rows of the ledger in the cache, and the marks that say how far it is."""

import os
from dataclasses import replace

import pytest

from sekisho.application.ports.cache import Coverage, Positions, Projection
from sekisho.domain.errors import CacheUnavailableError
from tests.adapters.redis.test_observe import attempt, counts
from tests.support.valkey import Cached, now_ms


async def test_marks_come_back_as_they_were_written(redis: Cached) -> None:
    marks = await redis.store.coverage()
    mark = Coverage(os.urandom(8), Positions(7, 8, 9), Positions(1, 2, 3), 4, 5)
    assert await redis.store.apply(Projection(), {3: (marks[3], mark)})
    assert (await redis.store.coverage())[3] == mark


async def test_a_mark_that_moved_meanwhile_is_left_alone(redis: Cached) -> None:
    marks = await redis.store.coverage()
    newer = replace(marks[1], applied_to=marks[1].applied_to + 1)
    assert await redis.store.apply(Projection(), {1: (marks[1], newer)})
    stale = replace(marks[1], applied_to=marks[1].applied_to + 2)
    assert not await redis.store.apply(Projection(), {1: (marks[1], stale)})
    assert (await redis.store.coverage())[1] == newer


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
