"""How fast a cache is rebuilt: `python -m tests.benchmarks.rebuild [--decisions 100000]`.

Prints decisions a second on SQLite and on PostgreSQL, CPU a decision, when each window was
covered, and what assessments beside it wait for the cache. Figures of a shared machine move.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvloop

from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.migrate import upgrade
from sekisho.application.ports.cache import Watched
from sekisho.application.projector import Projector
from sekisho.domain.velocity import DAY_MS, WINDOWS
from tests.adapters.sql.databases import opened
from tests.benchmarks.observe import a_try, spent
from tests.support.history import write_history
from tests.support.postgres import running
from tests.support.valkey import Cached, cached, now_ms


async def assessments(redis: Cached, took: list[float]) -> None:
    """Observe again and again, a hundred times a second, and note how long each took, in ms."""
    while True:
        watched = [Watched("line", os.urandom(16), False) for _ in range(8)]
        began = time.perf_counter()
        await redis.observe(a_try(now_ms()), watched=watched)
        took.append((time.perf_counter() - began) * 1e3)
        await asyncio.sleep(0.01)


@asynccontextmanager
async def beside(redis: Cached, what: str) -> AsyncIterator[None]:
    """Assess all the while, and print what it was like."""
    took: list[float] = []
    task = asyncio.create_task(assessments(redis, took))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    took.sort()
    print(
        f"  observe beside {what:10} p50 {took[len(took) // 2]:5.2f} ms,"
        f" p99 {took[len(took) * 99 // 100]:6.2f} ms, most {took[-1]:6.2f} ms",
        flush=True,
    )


async def covered(projector: Projector, began: float) -> Mapping[str, float]:
    """Return the seconds after which each window was covered, and all of it."""
    left, when = dict(WINDOWS), dict[str, float]()
    while True:
        progress = await projector.progress()
        seconds = time.perf_counter() - began
        if progress is not None:
            for name, window in list(left.items()):
                if progress.covered_from <= now_ms() - window:
                    when[name] = seconds
                    del left[name]
            if progress.complete:
                return when | {"all": seconds}
        await asyncio.sleep(0.05)


async def rebuild(url: str, redis: Cached) -> tuple[Mapping[str, float], float, float]:
    """Rebuild an empty cache; return when what was covered, and CPU here and of its server."""
    await redis.flush()
    async with opened(url) as database:
        projector = Projector(SqlFeed(database), redis.store, now_ms)
        here, there = time.process_time(), spent(redis.valkey.pid)
        began = time.perf_counter()
        task = asyncio.create_task(projector.run())
        when = await covered(projector, began)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return when, time.process_time() - here, spent(redis.valkey.pid) - there


async def measured(url: str, count: int, redis: Cached) -> None:
    """Fill a ledger with ninety days and rebuild from it, alone and beside assessments."""
    await asyncio.to_thread(upgrade, url)
    now = now_ms()
    began = time.perf_counter()
    async with opened(url, timeout=60) as database:
        await write_history(database, count, now - 90 * DAY_MS, now)
    print(f"  {count:,} decisions written in {time.perf_counter() - began:.0f} s", flush=True)
    when, here, there = await rebuild(url, redis)
    print(
        f"  {count / when['all']:,.0f} decisions/s, {here / count * 1e6:.0f} µs here,"
        f" {there / count * 1e6:.0f} µs in the cache's server each"
    )
    print("  covered after " + ", ".join(f"{n} {s:.2f} s" for n, s in when.items()), flush=True)
    async with beside(redis, "rebuilding"):
        await rebuild(url, redis)


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running() as postgres:
        async with cached(Path(folder) / "valkey") as redis:
            await redis.cover()
            async with beside(redis, "nothing"):
                await asyncio.sleep(2)
            if arguments.only != "postgresql":
                print("SQLite")
                await measured(f"sqlite:///{folder}/ledger.db", arguments.decisions, redis)
            if arguments.only != "sqlite":
                print("PostgreSQL")
                name = await asyncio.to_thread(postgres.new_database)
                await measured(postgres.url(name), arguments.decisions, redis)


if __name__ == "__main__":
    uvloop.run(main())
