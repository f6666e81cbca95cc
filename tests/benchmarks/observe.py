"""What one observation costs: CPU of this process and of the server, and memory.

`python -m tests.benchmarks.observe`: figures of a shared machine move; trust their ratios.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import uvloop

from sekisho.adapters.redis import keys
from sekisho.application.ports.cache import LineKnowledge, Marking, Projection, Try, Watched
from sekisho.domain.velocity import MOST_TRIES, Attribute, Dimension, Mark
from tests.support.valkey import Cached, cached, now_ms

_SHOPS = [os.urandom(16) for _ in range(100)]
_CLERKS = [os.urandom(16) for _ in range(500)]
_COUNTED_AT_A_SHOP = {Dimension.SHOP: _SHOPS, Dimension.TERMINAL: _CLERKS, Dimension.CLERK: _CLERKS}
_numbers = count()


def a_try(at: int) -> Try:
    """Return a try of a new customer at one of a hundred shops."""
    number = next(_numbers)
    keys = tuple(
        (d, _COUNTED_AT_A_SHOP[d][number % len(_COUNTED_AT_A_SHOP[d])])
        if d in _COUNTED_AT_A_SHOP
        else (d, os.urandom(16))
        for d in Dimension
    )
    attributes = {a: os.urandom(16) for a in Attribute}
    return Try(os.urandom(8), at, keys, attributes, reissue=1)


def spent(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _cpu(name: str, work: Callable[[], Awaitable[None]], redis: Cached, times: int) -> None:
    """Print microseconds of CPU a call, here and in the server, one at a time and 32 at once."""
    await work()

    async def some(calls: int) -> None:
        for _ in range(calls):
            await work()

    for together in (1, 32):
        there, here, began = spent(redis.valkey.pid), time.process_time(), time.perf_counter()
        each = times // together
        await asyncio.gather(*(some(each) for _ in range(together)))
        calls = each * together
        here = (time.process_time() - here) / calls * 1e6
        there = (spent(redis.valkey.pid) - there) / calls * 1e6
        rate = calls / (time.perf_counter() - began)
        print(
            f"{name:30} {together:2} at once: {here:4.0f} µs here, {there:4.0f} µs server,"
            f" {rate:7.0f}/s"
        )


async def _used(redis: Cached) -> int:
    _, info = await redis.connection.info(timeout=5)
    return int(info["used_memory"])


async def _empty(redis: Cached) -> None:
    await redis.connection.command("FLUSHALL", "SYNC", timeout=60)
    await redis.cover()
    await redis.load(stolen=1)


async def calls(redis: Cached) -> None:
    """An observation of ten keys and eight watched fingerprints, beside the least calls."""

    async def ping() -> None:
        await redis.connection.command("PING", timeout=5)

    async def nothing() -> None:
        await redis.connection.command("EVAL", "return 1", 0, timeout=5)

    async def observe() -> None:
        watched = [Watched("line", os.urandom(16), False) for _ in range(8)]
        assert (await redis.observe(a_try(now_ms()), watched=watched)).counts

    await _cpu("PING", ping, redis, 6400)
    await _cpu("EVAL of nothing", nothing, redis, 6400)
    await _cpu("observe", observe, redis, 6400)


async def worn(redis: Cached) -> None:
    """The same ten keys after as many step-ups as are counted, of changing everything."""
    keys = a_try(0).keys
    for _ in range(MOST_TRIES):
        made = replace(a_try(now_ms()), keys=keys)
        mark = Marking(made.try_id, made.at, Mark.STEP_UP, keys)
        await redis.store.apply(Projection(tries=(made,), markings=(mark,)), {})

    async def observe() -> None:
        assert (await redis.observe(replace(a_try(now_ms()), keys=keys))).counts

    await _cpu("observe, all keys worn", observe, redis, 640)


async def projection(redis: Cached, many: int = 10_000) -> None:
    """Tries and step-ups from the ledger: their speed, and what they take."""
    tries = [a_try(now_ms()) for _ in range(many)]
    marks = [Marking(made.try_id, made.at, Mark.STEP_UP, made.keys) for made in tries]
    before, here, began = await _used(redis), time.process_time(), time.perf_counter()
    there = spent(redis.valkey.pid)
    for start in range(0, many, 500):
        await redis.store.apply(Projection(tries=tuple(tries[start : start + 500])), {})
    rate = many / (time.perf_counter() - began)
    here, there = time.process_time() - here, spent(redis.valkey.pid) - there
    counted = await _used(redis)
    for start in range(0, many, 500):
        await redis.store.apply(Projection(markings=tuple(marks[start : start + 500])), {})
    marked = await _used(redis)
    print(
        f"projected {rate:.0f} decisions/s: {here / many * 1e6:.0f} µs here,"
        f" {there / many * 1e6:.0f} µs server each; {(counted - before) / many:.0f} bytes a"
        f" decision, {(marked - counted) / many:.0f} more for a step-up"
    )


async def lines(redis: Cached, many: int = 20_000) -> None:
    """What a line's knowledge takes."""
    known = LineKnowledge(
        revision=1,
        has_record=True,
        activation_day=19_000,
        birth_date=os.urandom(16),
        name_kana=os.urandom(16),
        document_type="driving_licence",
        document=os.urandom(16),
        document_reissue=1,
        home_prefecture="JP-13",
        current_sim_on_network=True,
        changed_at={"contact_change": now_ms()},
    )
    before = await _used(redis)
    every = tuple((os.urandom(16), known) for _ in range(many))
    await redis.store.apply(Projection(lines=every), {})
    print(f"{(await _used(redis) - before) / many:.0f} bytes a line")


async def watchlist(redis: Cached, many: int = 1_000_000) -> None:
    """A million watched fingerprints, and ten of them."""
    before, began = await _used(redis), time.perf_counter()
    for count_ in (many, 9 * many):
        for _ in range(count_ // 10_000):
            pool = os.urandom(160_000)
            some = [pool[n : n + 16] for n in range(0, len(pool), 16)]
            await redis.index.add(1, some)
        held = count_ if count_ == many else 10 * many
        print(
            f"watched: {(await _used(redis) - before) / held:.0f} bytes an entry at {held},"
            f" {held / (time.perf_counter() - began):.0f} added/s"
        )
    encoding = await redis.connection.command(
        "OBJECT", "ENCODING", keys.bucket_key(some[0]), timeout=5
    )
    print(f"watched: a bucket is a {encoding!r}")


async def flood(redis: Cached, many: int = 100_000) -> None:
    """One observation of a key with very many marks."""
    made = a_try(now_ms())
    for start in range(0, many, 5000):
        marks = tuple(
            Marking(os.urandom(8), made.at - n, Mark.STEP_UP, made.keys[:1])
            for n in range(start, start + 5000)
        )
        await redis.store.apply(Projection(markings=marks), {})
    began = time.perf_counter()
    observed = await redis.observe(made, now=now_ms())
    print(f"observe after {many} step-ups of one key: {(time.perf_counter() - began) * 1e3:.1f} ms")
    assert observed.counts[0].marks[Mark.STEP_UP][5] == many


async def main() -> None:
    """Run all measurements on a Valkey of its own."""
    with tempfile.TemporaryDirectory() as folder:
        async with cached(Path(folder) / "valkey") as redis:
            await redis.connection.command("CONFIG", "SET", "appendonly", "no", timeout=5)
            for measure in (calls, worn, projection, lines, watchlist, flood):
                await _empty(redis)
                await measure(redis)


if __name__ == "__main__":
    uvloop.run(main())
