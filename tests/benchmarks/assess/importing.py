"""What an import of a watchlist costs, and what assessments beside it notice.

`python -m tests.benchmarks.assess.importing [--entries 1000000] [--json FILE]`: a CSV of telephone
numbers through `sekisho watchlist import` into a service with SQLite, with eight terminals at work;
then another one in its place.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import redis

from sekisho import settings
from sekisho.adapters.redis import keys
from tests.benchmarks.assess.opening import opening
from tests.benchmarks.assess.report import parser, reporting
from tests.benchmarks.assess.servers import Measured, Subject, high_water, spent
from tests.support.serving import ROOT
from tests.support.valkey_servers import Server

_TOGETHER = 8


def write(path: Path, first: int, entries: int) -> None:
    """Write a list of `entries` numbers from the `first` on."""
    with path.open("w") as file:
        file.write("msisdn,reason\n")
        file.writelines(f"+8170{n:08},reported by a bank\n" for n in range(first, first + entries))


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


def _index_bytes(port: int) -> float:
    """Return the bytes of the index in Redis, by one bucket of 256."""
    with redis.Redis(port=port) as client, client.pipeline(transaction=False) as asked:
        for first in range(256):
            asked.memory_usage(keys.bucket_key(bytes([first, 7])), samples=0)
        return sum(size or 0 for size in asked.execute()) * 256


def _import(subject: Subject, valkey: Server, path: Path) -> tuple[list[Measured], float]:
    """Import beside assessments; return what they were like, and the index's most bytes."""
    client = importing(subject, path)
    beside, most = [], 0.0
    while client.poll() is None:
        beside.append(subject.run(_TOGETHER, 1))
        most = max(most, _index_bytes(valkey.port))
    assert client.returncode == 0
    return beside, most


def main() -> None:
    """Import a list, then another in its place, and report what it took."""
    options = parser()
    options.add_argument("--entries", type=int, default=1_000_000)
    given = options.parse_args()
    entries: int = given.entries
    with opening() as there, reporting(given) as report:
        valkey = there.valkey("sekisho")
        subject = there.sekisho("sekisho", valkey)
        path = there.folder / "list.csv"
        subject.run(_TOGETHER, 2)
        alone = subject.run(_TOGETHER, 4)
        for what, first in (("a list", 10**7), ("another in its place", 5 * 10**7)):
            write(path, first, entries)
            server, memory = spent(subject.process), high_water(subject.process)
            began = time.monotonic()
            beside, most = _import(subject, valkey, path)
            seconds = time.monotonic() - began
            answers = sum(one.rate for one in beside)
            cpu = spent(subject.process) - server - answers * alone.cpu["server"] / 1e6
            worst, usual = (f(one.p99 for one in beside) for f in (max, statistics.median))
            report.say(
                f"{what}: {entries:,} entries in {seconds:.0f} s beside"
                f" {answers / len(beside):,.0f} assessments a second ({alone.rate:,.0f} alone);"
                f" p99 {alone.p99:.1f} ms alone, {usual:.1f} beside it (x {usual / alone.p99:.2f}),"
                f" {worst:.1f} in its worst second",
                seconds=seconds,
                p99_ms={"alone": alone.p99, "beside": usual, "worst": worst},
                assessments={"alone": alone.rate, "beside": answers / len(beside)},
            )
            report.say(
                f"server: about {cpu / entries * 1e6:.1f} µs of CPU an entry,"
                f" {high_water(subject.process) - memory:.0f} MiB more at most; Redis:"
                f" {_index_bytes(valkey.port) / entries:.0f} bytes an entry after it,"
                f" {most / entries:.0f} at most",
                cpu_us=cpu / entries * 1e6,
                redis_bytes={"after": _index_bytes(valkey.port) / entries, "most": most / entries},
            )
        reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        report.say(f"the command: {reader:.0f} MiB at most", mib=reader)


if __name__ == "__main__":
    main()
