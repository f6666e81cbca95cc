"""Measure the journal: appends with 1, 8 and 64 waiting, and what a look costs.

    python -m tests.benchmarks.journal [--folder FOLDER]

CPU is this process's own, over both threads. The folder decides what a flush costs.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import uvloop

from sekisho.adapters.journal.journal import FileJournal
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import Verdict
from tests.adapters.sql import samples

MOST_BYTES = 1 << 30
SECONDS = 3.0


def decisions(count: int) -> list[NewDecision]:
    """Return step-ups as the service makes them."""
    return [samples.decision(number, verdict=Verdict.STEP_UP) for number in range(count)]


async def appended(folder: Path, waiting: int, every: list[NewDecision]) -> None:
    """Append for a few seconds, so many at a time."""
    journal = FileJournal(folder, MOST_BYTES)
    took: list[float] = []
    left = iter(every)
    deadline = time.perf_counter() + SECONDS

    async def one() -> None:
        for new in left:
            begun = time.perf_counter()
            await journal.append(new)
            took.append(time.perf_counter() - begun)
            if time.perf_counter() > deadline:
                return

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one() for _ in range(waiting)))
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    took.sort()
    print(
        f"{waiting:3} waiting: {len(took) / seconds:7,.0f}/s,"
        f" {used / len(took) * 1e6:4.0f} µs of CPU each,"
        f" p50 {took[len(took) // 2] * 1e3:.2f} ms, p99 {took[len(took) * 99 // 100] * 1e3:.2f} ms"
    )
    await journal.close()


def looked(what: str, look: Callable[[], object], times: int = 100_000) -> None:
    """Look many times."""
    began = time.process_time()
    for _ in range(times):
        look()
    print(f"{what}: {(time.process_time() - began) / times * 1e6:.2f} µs")


async def looks(folder: Path) -> None:
    """Measure what an assessment asks of the journal, first of an empty one."""
    journal = FileJournal(folder, MOST_BYTES)
    other, (first,) = samples.once(), decisions(1)
    looked("find, empty", lambda: journal.find(other))
    looked("state, empty", journal.state)
    await journal.append(first)
    looked("find, another is pending", lambda: journal.find(other))
    looked("find, this one is pending", lambda: journal.find(first.once), 10_000)
    await journal.close()


async def opened(folder: Path) -> None:
    """Measure a restart and the delivery of what lies there, without a ledger."""
    began = time.perf_counter()
    journal = FileJournal(folder, MOST_BYTES)
    took = time.perf_counter() - began
    state = journal.state()
    print(f"open with {state.pending:,} pending, {state.bytes >> 20} MiB: {took * 1e3:.0f} ms")
    began, count = time.perf_counter(), 0
    while batch := await journal.oldest(100):
        count += len(batch)
        await journal.delivered([each.standing.decision_id for each in batch])
    print(f"hand over for delivery: {count / (time.perf_counter() - began):,.0f}/s")
    await journal.close()


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None)
    every = decisions(20_000)
    with tempfile.TemporaryDirectory(dir=parser.parse_args().folder) as name:
        await looks(Path(name) / "looks")
        for waiting in (1, 8, 64):
            await appended(Path(name) / str(waiting), waiting, every)
        await opened(Path(name) / "64")


if __name__ == "__main__":
    uvloop.run(main())
