"""What an import of a watchlist costs, and what assessments beside it notice.

`python -m tests.benchmarks.assess.importing [--entries 1000000]`: a CSV of telephone numbers
through `sekisho watchlist import` into a service with SQLite, with eight terminals at work.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sekisho import settings
from tests.benchmarks.assess.opening import opened
from tests.benchmarks.assess.servers import Subject, high_water, spent
from tests.support.serving import ROOT

_TOGETHER = 8


def write(path: Path, entries: int) -> None:
    """Write a list of `entries` different numbers."""
    with path.open("w") as file:
        file.write("msisdn,reason\n")
        file.writelines(f"+8170{n:08},reported by a bank\n" for n in range(10**7, 10**7 + entries))


def importing(subject: Subject, path: Path) -> "subprocess.Popen[bytes]":
    """Begin an import."""
    command = (
        "watchlist",
        "import",
        "mules",
        str(path),
        "--create",
        "--map",
        "msisdn=msisdn,reason=reason",
    )
    environment = settings.environment_without_settings() | {
        settings.SERVER_VARIABLE: f"127.0.0.1:{subject.port}"
    }
    return subprocess.Popen(
        [sys.executable, "-m", "sekisho.cli", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def main() -> None:
    """Import once, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    entries = parser.parse_args().entries
    with (
        tempfile.TemporaryDirectory() as temporary,
        opened(Path(temporary), "sqlite") as (subject,),
    ):
        path = Path(temporary) / "list.csv"
        write(path, entries)
        subject.run(_TOGETHER, 2)
        alone = subject.run(_TOGETHER, 4)
        before, memory, began = (
            spent(subject.process),
            high_water(subject.process),
            time.monotonic(),
        )
        client = importing(subject, path)
        beside = []
        while client.poll() is None:
            beside.append(subject.run(_TOGETHER, 1))
        seconds = time.monotonic() - began
        assert client.returncode == 0
        answers = sum(one.rate for one in beside)
        server = spent(subject.process) - before - answers * alone.cpu["server"] / 1e6
        reader = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(
            f"{entries:,} entries in {seconds:.1f} s, {entries / seconds:,.0f} a second beside"
            f" {answers / len(beside):,.0f} assessments a second"
        )
        print(
            f"server: about {server / entries * 1e6:.1f} µs of CPU an entry,"
            f" {high_water(subject.process) - memory:.0f} MiB more at most"
        )
        print(f"the command: {reader.ru_maxrss / 1024:.0f} MiB at most")
        worst = max(one.p99 for one in beside)
        print(f"p99 {alone.p99:.1f} ms alone, {worst:.1f} ms beside it: x {worst / alone.p99:.2f}")


if __name__ == "__main__":
    main()
