"""Runs of several servers by turns, and what they say of each other."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.assess.report import Report
from tests.benchmarks.assess.servers import Measured, Subject

FLOOR = "empty"
"""The subject that the others are measured by."""

_TOGETHER = 32

Value = Callable[[Measured], float]


def server_cpu(measured: Measured) -> float:
    """Return the server process's CPU an answer, in µs."""
    return measured.cpu["server"]


@dataclass(slots=True)
class Runs:
    """A measurement a round, by subject and calls at a time; and what a fsync took in each."""

    measured: dict[tuple[str, int], list[Measured]] = field(default_factory=dict)
    fsync_ms: list[float] = field(default_factory=list)

    def median(self, name: str, together: int, value: Value) -> float:
        """Return the median of the rounds."""
        return statistics.median(map(value, self.measured[name, together]))

    def least(self, name: str, together: int, value: Value) -> float:
        """Return the least of the rounds: what a busy machine adds is left out."""
        return min(map(value, self.measured[name, together]))

    def ratio(self, name: str, together: int, value: Value) -> float:
        """Return the median of the ratios to the floor in the same round."""
        floor = self.measured[FLOOR, together]
        pairs = zip(self.measured[name, together], floor, strict=True)
        return statistics.median(value(one) / value(other) for one, other in pairs)


def measure(
    subjects: Sequence[Subject], counts: Sequence[int], rounds: int, seconds: float, folder: Path
) -> Runs:
    """Run every subject with every number of calls at a time, round by round."""
    runs = Runs()
    for subject in subjects:
        subject.run(8, seconds)
    for _ in range(rounds):
        runs.fsync_ms.append(_fsync_ms(folder))
        for together in counts:
            for subject in subjects:
                found = subject.run(together, seconds)
                runs.measured.setdefault((subject.name, together), []).append(found)
    return runs


def compare(report: Report, one: Subject, other: Subject, rounds: int, seconds: float) -> None:
    """Report the ratios of the other's costs to the one's, by turns and 32 at once."""
    every: dict[str, list[float]] = {}
    for subject in (one, other):
        subject.run(_TOGETHER, seconds)
    for _ in range(rounds):
        before, after = (subject.run(_TOGETHER, seconds) for subject in (one, other))
        for name, cpu in after.cpu.items():
            every.setdefault(f"{name} CPU", []).append(cpu / before.cpu[name])
        every.setdefault("p99", []).append(after.p99 / before.p99)
    medians = {name: statistics.median(each) for name, each in every.items()}
    told = ", ".join(f"{name} x {ratio:.2f}" for name, ratio in medians.items())
    report.say(f"{other.name}: {told}", ratios=medians)


def _fsync_ms(folder: Path, times: int = 50) -> float:
    """Return how long it takes to make 4 KiB durable, in ms."""
    took = []
    with (folder / "fsync").open("ab", buffering=0) as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e3
