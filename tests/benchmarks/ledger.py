"""What the ledger costs: `python -m tests.benchmarks.ledger [--entries 1000000]`.

Prints decisions a second, CPU and bytes a decision, and what an import of a watchlist does to
the decisions beside it, on SQLite and on PostgreSQL. Both write through to the disk.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
import uuid_utils

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.lines import SqlLines
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import Dialect
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.ports.ledger import NewDecision
from sekisho.application.ports.lines import LineEvent
from sekisho.application.ports.watchlists import FinishedImport, WatchlistEntry
from sekisho.domain.decision import DecisionState
from tests.adapters.sql import samples
from tests.adapters.sql.databases import opened, rows
from tests.support.postgres import running

AnyDatabase = SqliteDatabase | PostgresDatabase

_SQLITE_BYTES = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
_POSTGRES_BYTES = "SELECT pg_total_relation_size('decision')"


async def together(count: int, work: Sequence[Callable[[], Awaitable[object]]]) -> list[float]:
    """Do the work with `count` in flight; return each one's milliseconds."""
    queue, took = iter(work), []

    async def one() -> None:
        for job in queue:
            begin = time.perf_counter()
            await job()
            took.append((time.perf_counter() - begin) * 1e3)

    await asyncio.gather(*(one() for _ in range(count)))
    return took


def told(what: str, took: list[float], seconds: float, cpu: float) -> None:
    """Print a rate, CPU and the usual percentiles."""
    took.sort()
    print(
        f"  {what:28} {len(took) / seconds:8,.0f}/s  CPU {cpu / len(took) * 1e6:5.0f} µs"
        f"  p50 {took[len(took) // 2]:6.2f} ms  p99 {took[len(took) * 99 // 100]:6.2f} ms"
        f"  most {took[-1]:6.1f} ms",
        flush=True,
    )


async def measured(what: str, count: int, work: Sequence[Callable[[], Awaitable[object]]]) -> None:
    """Do the work and print what it took."""
    begin, cpu = time.perf_counter(), time.process_time()
    took = await together(count, work)
    told(what, took, time.perf_counter() - begin, time.process_time() - cpu)


def jobs(
    act: Callable[[NewDecision], Awaitable[object]], every: Sequence[NewDecision]
) -> list[Callable[[], Awaitable[object]]]:
    """Return a job for each decision."""
    return [lambda new=new: act(new) for new in every]  # type: ignore[misc]


async def size(database: AnyDatabase) -> int:
    """Return the bytes of the decisions with their indexes; in SQLite of the whole file."""
    query = _SQLITE_BYTES if database.dialect is Dialect.SQLITE else _POSTGRES_BYTES
    return int((await rows(database, sa.text(query)))[0][0])


async def decisions(database: AnyDatabase) -> None:
    """Record, read and append, one by one and 32 at once."""
    ledger = SqlDecisions(database)
    every = [samples.decision(number) for number in range(10_000)]
    before = await size(database)
    await measured("record, 1 in flight", 1, jobs(ledger.record, every[:1_000]))
    await measured("record, 32 in flight", 32, jobs(ledger.record, every[1_000:]))
    print(f"  bytes a decision: {(await size(database) - before) / len(every):,.0f}")
    await measured("repeat, 32 in flight", 32, jobs(ledger.record, every[:2_000]))
    await measured(
        "standing, 32 in flight",
        32,
        jobs(lambda new: ledger.standing(new.standing.decision_id), every[:2_000]),
    )

    async def append(new: NewDecision) -> object:
        once = samples.once(new.once.caller)
        return await ledger.append(samples.event(new.standing, DecisionState.COMPLETED, once=once))

    await measured("append, 1 in flight", 1, jobs(append, every[:500]))
    await measured("append, 32 in flight", 32, jobs(append, every[500:3_000]))


async def line_events(database: AnyDatabase) -> None:
    """Take a stream of the greatest length, all of it or nothing."""
    events = [
        LineEvent(str(uuid_utils.uuid7()), samples.fingerprint(n), "contact_changed", samples.NOW)
        for n in range(100_000)
    ]
    begin = time.perf_counter()
    await SqlLines(database).record_events("gateway", events)
    print(f"  100,000 line events in one transaction: {time.perf_counter() - begin:.2f} s")


def entries(start: int, stop: int) -> list[WatchlistEntry]:
    """Return entries of a list, as an importer makes them."""
    return [
        WatchlistEntry(
            watchlist="stolen",
            fingerprint=samples.fingerprint(n),
            kind="document",
            masked="TK****678",
            weak=False,
            reason=f"stolen passport, batch {n // 1000 % 50}",
            source="police",
            starts_at=None,
            expires_at=None,
            created_at=samples.NOW,
        )
        for n in range(start, stop)
    ]


async def imported(database: AnyDatabase, first: int, last: int) -> None:
    """Import entries, with somebody recording decisions all the while."""
    lists, ledger = SqlWatchlists(database), SqlDecisions(database)
    took: list[float] = []
    every = iter([samples.decision(("beside", first, n)) for n in range(3_000)])
    done = False

    async def beside() -> None:
        for new in every:
            if done:
                return
            begin = time.perf_counter()
            await ledger.record(new)
            took.append((time.perf_counter() - begin) * 1e3)
            await asyncio.sleep(0.02)

    task = asyncio.create_task(beside())
    making, began = 0.0, time.perf_counter()
    run = await lists.begin_import(samples.once(), "stolen")
    assert not isinstance(run, FinishedImport)
    for start in range(first, last, 5_000):
        begin = time.perf_counter()
        batch = entries(start, min(last, start + 5_000))
        making += time.perf_counter() - begin
        await run.stage(batch)
    staged = time.perf_counter() - began - making
    begin = time.perf_counter()
    result, _ = await run.activate(samples.NOW, b"")
    activated = time.perf_counter() - begin
    done = True
    await task
    begin = time.perf_counter()
    swept = await lists.tidy()
    print(
        f"  import: +{result.added:,} -{result.removed:,} ={result.kept:,}:"
        f" stage {staged:.1f} s, activate {activated:.1f} s,"
        f" {(last - first) / (staged + activated):,.0f}/s all told;"
        f" sweep {swept:,} rows {time.perf_counter() - begin:.1f} s"
    )
    told("record beside the import", took, staged + activated + making, 0)


async def ledger(url: str, count: int) -> None:
    """Measure one database."""
    await asyncio.to_thread(upgrade, url)
    async with opened(url, timeout=60) as database:
        await decisions(database)
        await line_events(database)
        await SqlWatchlists(database).create(samples.once(), "stolen", "", "", samples.NOW)
        before = peak()
        await imported(database, 0, count)
        await imported(database, count // 10, count + count // 10)
        print(f"  memory: {before} MiB before the imports, {peak()} MiB at most")


def peak() -> int:
    """Return the most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@asynccontextmanager
async def urls() -> AsyncIterator[dict[str, str]]:
    """Run both databases."""
    with tempfile.TemporaryDirectory() as folder, running(durable=True) as postgres:
        name = await asyncio.to_thread(postgres.new_database)
        yield {
            "SQLite": f"sqlite:///{Path(folder)}/ledger.db",
            "PostgreSQL": postgres.url(name),
        }


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    count = parser.parse_args().entries
    async with urls() as found:
        for name, url in found.items():
            print(name, flush=True)
            await ledger(url, count)


if __name__ == "__main__":
    asyncio.run(main())
