"""What an assessment costs, beside what it could cost at least and what it would cost otherwise.

    python -m tests.benchmarks.assess [--rounds 5] [--seconds 2] [--together 1 8 32 128]
                                      [--json FILE] [SUBJECT…]

All in one run and by turns, so that ratios hold though the machine's speed does not: each is the
median over the rounds of one to the `empty` handler's of the same round.
"""

import argparse
import json
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.assess.machine import machine
from tests.benchmarks.assess.opening import SUBJECTS, opened
from tests.benchmarks.assess.runs import FLOOR, Runs, measure, server_cpu
from tests.benchmarks.assess.servers import Measured

_COLUMNS = (
    *("server", "at once", "answers/s", "p50 ms", "p99 ms", "server µs", "stores µs", "MiB"),
    *("refused", "CPU ×", "answers/s ×", "p99 ×", "client µs"),
)


def row(runs: Runs, name: str, together: int) -> str:
    """Return a row of the table."""

    def stores(measured: Measured) -> float:
        return sum(measured.cpu.values()) - server_cpu(measured)

    cells = (
        name,
        str(together),
        f"{runs.median(name, together, lambda m: m.rate):,.0f}",
        f"{runs.median(name, together, lambda m: m.p50):.2f}",
        f"{runs.median(name, together, lambda m: m.p99):.2f}",
        f"{runs.median(name, together, server_cpu):.0f}",
        f"{runs.median(name, together, stores):.0f}",
        f"{runs.median(name, together, lambda m: m.memory):.0f}",
        f"{runs.median(name, together, lambda m: m.refused):.0%}",
        f"{runs.ratio(name, together, server_cpu):.2f}",
        f"{runs.ratio(name, together, lambda m: m.rate):.2f}",
        f"{runs.ratio(name, together, lambda m: m.p99):.2f}",
        f"{runs.median(name, together, lambda m: m.client):.0f}",
    )
    return f"| {' | '.join(cells)} |"


def table(runs: Runs, names: Sequence[str], counts: Sequence[int]) -> str:
    """Return the table, as markdown."""
    rows = [row(runs, name, together) for name in names for together in counts]
    rule = f"|---|{'--:|' * (len(_COLUMNS) - 1)}"
    return "\n".join([f"| {' | '.join(_COLUMNS)} |", rule, *rows])


def main() -> None:
    """Measure what was named, or everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--together", type=int, nargs="*", default=[1, 8, 32, 128])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    wanted = {FLOOR, *(given.subjects or SUBJECTS)}
    names = [name for name in SUBJECTS if name in wanted]
    with tempfile.TemporaryDirectory() as temporary, opened(Path(temporary), *names) as subjects:
        runs = measure(subjects, given.together, given.rounds, given.seconds, Path(temporary))
    print(f"{machine()}; medians of {given.rounds} rounds of {given.seconds:g} s")
    print(f"one fsync {statistics.median(runs.fsync_ms):.2f} ms\n")
    print(table(runs, names, given.together))
    if given.json:
        told = [
            {"server": name, "together": together, "rounds": [asdict(one) for one in every]}
            for (name, together), every in runs.measured.items()
        ]
        content = {"machine": machine(), "fsync_ms": runs.fsync_ms, "runs": told}
        given.json.write_text(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
