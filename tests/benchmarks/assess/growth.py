"""What an assessment costs after years of business, beside one on the first day.

    python -m tests.benchmarks.assess.growth [--watched 10000000] [--retained 5000000]
                                             [--decisions 10000000] [--rounds 5] [--json FILE]

Each fills a store of its own and is measured by turns with an empty one. Prints the CPU an
assessment, and the bytes of Redis each watched entry and each retained assessment takes.
"""

import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.assess import filling
from tests.benchmarks.assess.opening import Opening
from tests.benchmarks.assess.report import Report, parser, reporting
from tests.benchmarks.assess.servers import Subject
from tests.support.valkey_servers import used_memory

TOGETHER = 32


def compare(report: Report, fresh: Subject, grown: Subject, rounds: int, seconds: float) -> None:
    """Report the ratio of the grown one's costs to the fresh one's, round by round."""
    every: dict[str, list[float]] = {}
    for subject in (fresh, grown):
        subject.run(TOGETHER, seconds)
    for _ in range(rounds):
        before, after = (subject.run(TOGETHER, seconds) for subject in (fresh, grown))
        for name, cpu in after.cpu.items():
            every.setdefault(f"{name} CPU", []).append(cpu / before.cpu[name])
        every.setdefault("p99", []).append(after.p99 / before.p99)
    medians = {name: statistics.median(each) for name, each in every.items()}
    told = ", ".join(f"{name} x {ratio:.2f}" for name, ratio in medians.items())
    report.say(f"{grown.name}: {told}", ratios=medians)


def main() -> None:
    """Fill and measure one store after the other; 0 leaves one out."""
    options = parser()
    options.add_argument("--watched", type=int, default=10_000_000)
    options.add_argument("--retained", type=int, default=5_000_000)
    options.add_argument("--decisions", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as temporary,
        ExitStack() as stack,
        reporting(given) as report,
    ):
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
                report.say(f"{count:,} {what}: {each:.0f} bytes of Redis each", bytes=each)
                compare(report, fresh, opening.sekisho(what, valkey), given.rounds, given.seconds)
        if given.decisions:
            ledger = Path(temporary) / "grown.db"
            filling.record(ledger, given.decisions)
            size = ledger.stat().st_size / given.decisions
            text = f"{given.decisions:,} decisions: {size:.0f} bytes of SQLite each"
            report.say(text, bytes=size)
            valkey = opening.valkey("decisions")
            grown = opening.sekisho("decisions", valkey, database_url=f"sqlite:///{ledger}")
            compare(report, fresh, grown, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
