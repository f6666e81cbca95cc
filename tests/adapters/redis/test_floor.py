"""What was there before a connection was opened, or a try was lost, does not count as fresh."""

import asyncio
import signal
import time

import pytest

from sekisho.adapters.redis.floor import SETTLE_SECONDS, Floors
from sekisho.domain.decision import MissingCause
from tests.adapters.redis.observing import attempt
from tests.support.valkey import TAGS, Cached, connected, now_ms


async def known(redis: Cached, *, record: bool = True) -> bool:
    observed = await redis.observe(attempt(now_ms()), record=record)
    unknown = observed.counts[0].covered_from is None
    assert unknown == bool(observed.missing)
    assert {m.cause for m in observed.missing} <= {MissingCause.BEHIND_LEDGER}
    return not unknown


async def test_a_server_connected_to_anew_is_behind_until_it_is_followed_again(
    redis: Cached,
) -> None:
    assert await known(redis)
    redis.node.drop()
    await redis.cover(applied_to=now_ms())
    said = [await known(redis), await known(redis)]
    at = redis.followed()
    await redis.cover(applied_to=at - 5)
    said.append(await known(redis))
    await redis.cover(applied_to=at)
    said.append(await known(redis))
    assert said == [False, False, False, True]


async def test_what_others_say_of_a_server_does_not_count_before_this_process_has_followed_there(
    redis: Cached,
) -> None:
    async with connected(redis.valkey.url) as other:
        redis.node.drop()
        await known(redis)
        await asyncio.sleep(SETTLE_SECONDS)
        await other.cover()
        assert not await known(redis)
        redis.connection.followed(TAGS, time.monotonic())
        assert await known(redis)


async def test_after_a_try_that_failed_the_cache_is_behind_until_the_ledger_tells_of_it(
    redis: Cached,
) -> None:
    redis.valkey.send_signal(signal.SIGSTOP)
    before = now_ms()
    try:
        assert not (await redis.observe(attempt(now_ms()), timeout=0.03)).counts
    finally:
        redis.valkey.send_signal(signal.SIGCONT)
    await redis.cover(applied_to=before)
    assert not await known(redis)
    assert redis.node.opened == 1
    await redis.cover()
    assert await known(redis)


async def test_a_try_that_failed_is_behind_again_from_its_commit_on(redis: Cached) -> None:
    redis.valkey.send_signal(signal.SIGSTOP)
    try:
        failed = await redis.observe(attempt(now_ms()), timeout=0.03)
    finally:
        redis.valkey.send_signal(signal.SIGCONT)
    await redis.cover()
    assert await known(redis)
    redis.cache.recorded(failed.uncounted)
    assert not await known(redis)
    await redis.cover()
    assert await known(redis)


async def test_a_look_that_failed_takes_nothing_away(redis: Cached) -> None:
    floor = redis.node.floor
    observed = await redis.observe(attempt(now_ms() - 10_000), record=False)
    assert {m.cause for m in observed.missing} == {MissingCause.CACHE_SKEWED}
    assert redis.node.floor == floor
    await redis.observe(attempt(now_ms() - 10_000))
    assert redis.node.floor > floor


async def test_whoever_follows_the_ledger_is_told_once_the_floor_has_passed() -> None:
    passed: list[float] = []
    told = asyncio.Event()
    floors = Floors()

    def tell() -> None:
        passed.append(time.monotonic())
        told.set()

    async def told_since(floor: float) -> None:
        async with asyncio.timeout(10):
            while not passed or passed[-1] < floor:
                told.clear()
                await told.wait()

    floors.passed = tell
    floors.rise()
    await asyncio.sleep(SETTLE_SECONDS / 2)
    await told_since(floors.rise())
    # A machine that stood still meanwhile tells of each.
    assert len(passed) <= 2
    await told_since(floors.rise())
    floors.close()


@pytest.mark.parametrize("turned", [-3_600_000, 0, 3_600_000])
async def test_a_floor_is_as_long_ago_however_the_clock_was_turned(turned: int) -> None:
    now = [1_800_000_000_000]
    floors = Floors(lambda: now[0])
    began, floor = time.monotonic(), floors.rise()
    floors.followed(TAGS, floor)
    now[0] += turned
    ago = now[0] - floors.since(floor)
    least = -SETTLE_SECONDS * 1000
    assert least <= ago <= least + (time.monotonic() - began) * 1000 + 3
    floors.close()


async def test_a_tag_that_is_followed_does_not_wait_for_another() -> None:
    floors = Floors(now_ms)
    floor = floors.rise()
    floors.followed([1], floor)
    assert floors.since(floor, 1) < now_ms() + 1000 < floors.since(floor, 2)
    assert floors.since(floor) == floors.since(floor, 2)
    floors.close()


async def test_what_was_read_before_and_written_after_takes_nothing_back() -> None:
    floors = Floors(now_ms)
    floor = floors.rise()
    floors.followed(TAGS, floor)
    floors.followed(TAGS, floor - 1)
    assert floors.since(floor) < now_ms() + 1000
    floors.close()


async def test_a_mark_of_a_moment_still_to_come_says_nothing_and_is_put_back(
    redis: Cached,
) -> None:
    await redis.cover(applied_to=now_ms() + 60_000)
    assert not await known(redis)
    await redis.cover()
    assert await known(redis)
