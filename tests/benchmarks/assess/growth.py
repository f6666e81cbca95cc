"""What an assessment costs after years of business, beside one on the first day.

    python -m tests.benchmarks.assess.growth [--watched 10000000] [--retained 5000000]
                                             [--decisions 10000000] [--rounds 5]

Each fills a store of its own and is measured by turns with an empty one. Prints the CPU an
assessment, and the bytes of Redis each watched entry and each retained assessment takes.
"""

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.assess import filling
from tests.benchmarks.assess.opening import Opening
from tests.benchmarks.assess.servers import Subject
from tests.support.valkey_servers import used_memory

TOGETHER = 32


def compare(fresh: Subject, grown: Subject, rounds: int, seconds: float) -> None:
    """Print the ratio of the grown one's costs to the fresh one's, round by round."""
    every: dict[str, list[float]] = {}
    for subject in (fresh, grown):
        subject.run(TOGETHER, seconds)
    for _ in range(rounds):
        before, after = (subject.run(TOGETHER, seconds) for subject in (fresh, grown))
        for name, cpu in after.cpu.items():
            every.setdefault(f"{name} CPU", []).append(cpu / before.cpu[name])
        every.setdefault("p99", []).append(after.p99 / before.p99)
    told = ", ".join(f"{name} x {statistics.median(each):.2f}" for name, each in every.items())
    print(f"{grown.name}: {told}", flush=True)


def main() -> None:
    """Fill and measure one store after the other; 0 leaves one out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--watched", type=int, default=10_000_000)
    parser.add_argument("--retained", type=int, default=5_000_000)
    parser.add_argument("--decisions", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        opening = Opening(Path(temporary), stack)
        fresh = opening.open("sqlite")
        for what, count, fill in (
            ("watched", given.watched, filling.watch),
            ("retained", given.retained, filling.retain),
        ):
            if count:
                valkey = opening.valkey(what, persistent=False)
                empty = used_memory(valkey)
                fill(valkey.port, count)
                each = (used_memory(valkey) - empty) / count
                print(f"{count:,} {what}: {each:.0f} bytes of Redis each", flush=True)
                compare(fresh, opening.sekisho(what, valkey), given.rounds, given.seconds)
        if given.decisions:
            ledger = Path(temporary) / "grown.db"
            filling.record(ledger, given.decisions)
            size = ledger.stat().st_size / given.decisions
            print(f"{given.decisions:,} decisions: {size:.0f} bytes of SQLite each", flush=True)
            valkey = opening.valkey("decisions")
            grown = opening.sekisho("decisions", valkey, database_url=f"sqlite:///{ledger}")
            compare(fresh, grown, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
