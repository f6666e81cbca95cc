"""The index of watched fingerprints: too much at worst, never too little."""

import os

from sekisho.application.ports.cache import IndexMark, Watched
from tests.adapters.redis.observing import attempt
from tests.support.valkey import Cached, now_ms

ONE = b"\x01" * 16
TWO = b"\x02" * 16


async def held(redis: Cached, *fingerprints: bytes) -> list[bytes]:
    watched = [Watched("line", fingerprint, False) for fingerprint in fingerprints]
    observed = await redis.observe(attempt(now_ms()), watched=watched)
    return [candidate.fingerprint for candidate in observed.watch_candidates]


async def test_what_two_lists_hold_stays_until_both_drop_it(redis: Cached) -> None:
    await redis.index.add(1, [ONE, TWO])
    await redis.index.add(2, [ONE])
    await redis.index.add(2, [ONE])
    assert await held(redis, ONE, TWO) == [ONE, TWO]
    await redis.index.remove(1, [ONE, TWO])
    assert await held(redis, ONE, TWO) == [ONE]
    await redis.index.remove(2, [ONE])
    assert await held(redis, ONE, TWO) == []


async def test_removing_what_is_not_there_changes_nothing(redis: Cached) -> None:
    await redis.index.remove(1, [ONE])
    assert await held(redis, ONE) == []


async def test_thousands_are_added_and_found(redis: Cached) -> None:
    many = [os.urandom(16) for _ in range(5_000)]
    await redis.index.add(3, many)
    assert await held(redis, *many[::100]) == many[::100]


async def test_a_mark_moves_only_from_what_was_read(redis: Cached) -> None:
    before = await redis.index.marks()
    assert set(before) == set(range(256))
    moved = IndexMark(before[5].generation, {"stolen": 2})
    assert await redis.index.move_marks({5: (before[5], moved)})
    assert (await redis.index.marks())[5] == moved
    assert not await redis.index.move_marks({5: (before[5], moved), 6: (before[6], moved)})
    assert (await redis.index.marks())[6] == moved
    assert await redis.index.move_marks({})


async def test_a_tag_without_its_mark_says_nothing_of_lists(redis: Cached) -> None:
    await redis.flush()
    assert await redis.index.marks() == {}
    observed = await redis.observe(attempt(now_ms()))
    assert observed.watchlists_loaded is None


async def test_the_lowest_version_of_the_tags_asked_counts(redis: Cached) -> None:
    await redis.load(stolen=3)
    marks = await redis.index.marks()
    behind = IndexMark(marks[ONE[0]].generation, {"stolen": 2, "other": 1})
    await redis.index.move_marks({ONE[0]: (marks[ONE[0]], behind)})
    watched = [Watched("line", ONE, False), Watched("line", TWO, False)]
    observed = await redis.observe(attempt(now_ms()), watched=watched)
    assert observed.watchlists_loaded is not None
    assert observed.watchlists_loaded["stolen"] == 2
