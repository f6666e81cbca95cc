"""What an assessment costs after years of business, beside one on the first day.

    python -m tests.benchmarks.assess.growth [--watched 10000000] [--retained 5000000]
                                             [--decisions 10000000] [--rounds 5] [--json FILE]

Each fills a store of its own and is measured by turns with an empty one. Prints the CPU an
assessment, and the bytes of Redis each watched entry and each retained assessment takes.
"""

from tests.benchmarks.assess import filling
from tests.benchmarks.assess.opening import opening
from tests.benchmarks.assess.report import parser, reporting
from tests.benchmarks.assess.runs import compare
from tests.support.valkey_servers import used_memory


def main() -> None:
    """Fill and measure one store after the other; 0 leaves one out."""
    options = parser()
    options.add_argument("--watched", type=int, default=10_000_000)
    options.add_argument("--retained", type=int, default=5_000_000)
    options.add_argument("--decisions", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=2.0)
    given = options.parse_args()
    with opening() as there, reporting(given) as report:
        fresh = there.open("sqlite")
        for what, count, fill in (
            ("watched", given.watched, filling.watch),
            ("retained", given.retained, filling.retain),
        ):
            if count:
                valkey = there.valkey(what, persistent=False)
                empty = used_memory(valkey)
                fill(valkey.port, count)
                each = (used_memory(valkey) - empty) / count
                report.say(f"{count:,} {what}: {each:.0f} bytes of Redis each", bytes=each)
                compare(report, fresh, there.sekisho(what, valkey), given.rounds, given.seconds)
        if given.decisions:
            ledger = there.folder / "grown.db"
            filling.record(ledger, given.decisions)
            size = ledger.stat().st_size / given.decisions
            text = f"{given.decisions:,} decisions: {size:.0f} bytes of SQLite each"
            report.say(text, bytes=size)
            valkey = there.valkey("decisions")
            grown = there.sekisho("decisions", valkey, database_url=f"sqlite:///{ledger}")
            compare(report, fresh, grown, given.rounds, given.seconds)


if __name__ == "__main__":
    main()
