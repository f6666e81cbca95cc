"""The servers that are compared, each with what it needs, and the CPU that all of it uses."""

import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from tests.benchmarks.assess.load import OK, REFUSED, Outcome, Plan
from tests.support.serving import ROOT

_TICK = os.sysconf("SC_CLK_TCK")


def children(pid: int) -> Iterator[int]:
    """Yield a process and all that come from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from children(int(child))


def spent(pid: int) -> float:
    """Return the seconds of CPU that a process and all that come from it have used."""
    total = 0
    for each in children(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rsplit(") ", 1)[1].split()
        total += sum(map(int, fields[11:15]))
    return total / _TICK


def resident(pid: int, *, alone: bool = False) -> float:
    """Return the MiB that a process has in memory, with all that come from it unless `alone`."""
    every = (pid,) if alone else children(pid)
    return sum(_status_mib(each, "VmRSS:") for each in every)


def high_water(pid: int) -> float:
    """Return the most MiB that a process has had in memory."""
    return _status_mib(pid, "VmHWM:")


def _status_mib(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(name)[2].split()[0]) / 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: answers a second, CPU an answer by process in µs, latencies in ms, memory in MiB."""

    rate: float
    cpu: dict[str, float]
    p50: float
    p99: float
    memory: float
    refused: float
    """Share of the calls that were told to come again."""
    client: float
    """CPU of the client an answer, in µs."""


@dataclass(slots=True)
class Subject:
    """A server: its port, its own process, and the stores that work for it, by name."""

    name: str
    port: int
    process: int
    stores: dict[str, int] = field(default_factory=dict)
    web: bool = False
    _seed: int = 0

    def run(self, together: int, seconds: float) -> Measured:
        """Have terminals assess, `together` at a time. Raises AssertionError on a bad answer."""
        self._seed += 1
        connections = together if self.web else min(together, 4)
        plan = Plan(
            port=self.port,
            together=together,
            connections=connections,
            seconds=seconds,
            seed=hash((self.name, together, self._seed)),
            bodies=round((2_500 if self.web else 8_000) * seconds) + together,
            web=self.web,
        )
        client = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.assess.client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert client.stdin
        assert client.stdout
        client.stdin.write(f"{msgspec.json.encode(plan).decode()}\n")
        client.stdin.flush()
        assert client.stdout.readline() == "ready\n"
        processes = {"server": self.process, **self.stores}
        before = {name: spent(pid) for name, pid in processes.items()}
        client.stdin.close()
        outcome = msgspec.json.decode(client.stdout.readline(), type=Outcome)
        after = {name: spent(pid) for name, pid in processes.items()}
        client.wait()
        refused = sum(outcome.statuses.pop(status, 0) for status in REFUSED)
        bad = {status: count for status, count in outcome.statuses.items() if status != OK}
        assert not bad, f"{self.name}, {together} at a time: {Counter(bad).most_common(3)}"
        count = len(outcome.took)
        took = sorted(outcome.took)
        return Measured(
            rate=count / outcome.seconds,
            cpu={name: (after[name] - before[name]) / count * 1e6 for name in processes},
            p50=statistics.median(took) * 1e3,
            p99=took[count * 99 // 100] * 1e3,
            memory=resident(self.process),
            refused=refused / (count + refused),
            client=outcome.cpu / count * 1e6,
        )
