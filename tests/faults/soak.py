"""Mixed traffic with faults for as long as one likes: does anything grow?

`python -m tests.faults.soak --minutes 30`: one service, traffic at a modest pace, and every ten
seconds a fault: the cache killed, emptied or paused, the ledger locked, connections cut. What the
service holds is read in quiet moments, the growth over the second half fitted to a line, and the
table printed. The exit code is 1 where something grows.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import uvloop

from tests.faults.soak_faults import Faults, Valkey
from tests.faults.soak_traffic import Traffic
from tests.support.serving import Served, serving

EVERY_SECONDS = 10.0
"""From one fault to the next; a sample is taken just before it."""

PAGE_CACHE_KIB = 1024
"""SQLite's page caches, which at their usual sizes, 8 MiB and 2, fill for a while."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What may grow by how much an hour, and by how much in a short soak's second half."""

    unit: str
    an_hour: float
    in_all: float


LIMITS = {
    "memory": Limit("KiB", 24 * 1024, 4 * 1024),
    "descriptors": Limit("", 6, 4),
    "threads": Limit("", 6, 4),
    "tasks": Limit("", 12, 8),
    "cache keys": Limit("", 60, 30),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What was held at a moment, in seconds since the start."""

    at: float
    held: dict[str, float]


def slope(samples: Sequence[Sample], what: str) -> float:
    """Return the growth of one thing an hour: Theil and Sen's, which outliers do not move."""
    pairs = [
        (b.held[what] - a.held[what]) / (b.at - a.at)
        for n, a in enumerate(samples)
        for b in samples[n + 1 :]
    ]
    return statistics.median(pairs) * 3600 if pairs else 0.0


def report(samples: Sequence[Sample]) -> bool:
    """Print the table; return whether nothing grows."""
    half = samples[len(samples) // 2 :]
    hours = (half[-1].at - half[0].at) / 3600
    flat = True
    print("\n| held | first | middle | last | an hour | at most | flat |")
    print("|---|---|---|---|---|---|---|")
    for what, limit in LIMITS.items():
        grows = slope(half, what)
        most = max(limit.an_hour, limit.in_all / hours if hours else 0.0)
        fine = grows <= most
        flat &= fine
        first, middle, last = (each.held[what] for each in (samples[0], half[0], samples[-1]))
        print(
            f"| {what} {limit.unit} | {first:g} | {middle:g} | {last:g} | {grows:+.1f} "
            f"| {most:.0f} | {'yes' if fine else 'NO'} |"
        )
    return flat


async def sample(served: Served, traffic: Traffic, faults: Faults, began: float) -> Sample:
    """Read what the service holds, once no call is under way."""
    async with traffic.paused():
        await asyncio.sleep(0.5)
        usage = await served.usage()
        keys = await faults.keys()
    held = {
        "memory": usage.memory_kib,
        "descriptors": usage.descriptors,
        "threads": usage.threads,
        "tasks": usage.tasks,
        "cache keys": keys,
    }
    return Sample(time.monotonic() - began, {what: float(value) for what, value in held.items()})


async def soak(served: Served, valkey: Valkey, ledger: Path, minutes: float) -> bool:
    """Let traffic and faults run, and report."""
    began = time.monotonic()
    samples: list[Sample] = []
    async with Traffic(served.address) as traffic:
        faults = Faults(valkey, ledger, served.port)
        await traffic.warm()
        while time.monotonic() - began < minutes * 60:
            await asyncio.sleep(EVERY_SECONDS)
            await faults.over()
            samples.append(await sample(served, traffic, faults, began))
            assert served.process.poll() is None, "the service ended"
            await faults.next()
        await faults.over()
        await faults.close()
        print(f"{minutes:g} minutes, calls: {dict(sorted(traffic.outcomes.items()))}")
        print(f"faults: {dict(sorted(faults.done.items()))}")
    unexpected = served.log.read_text(errors="replace").count("unexpected_error")
    print(f"unexpected errors in the log: {unexpected}")
    return report(samples) and not unexpected


def main() -> None:
    """Soak for as long as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        valkey = Valkey(folder)
        keys = folder / "keys.toml"
        keys.write_text(f'[[keys]]\nid = "soak"\nsecret = "{token_hex(32)}"\n')
        valkey.start()
        try:
            with serving(
                folder,
                page_cache_kib=PAGE_CACHE_KIB,
                redis_url=valkey.url,
                keys_file=str(keys),
            ) as served:
                ledger = folder / "data" / "ledger.db"
                flat = uvloop.run(soak(served, valkey, ledger, minutes))
        finally:
            valkey.kill()
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
