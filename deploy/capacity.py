"""How large a deployment must be, computed from measured figures.

`python deploy/capacity.py [measured.json]` prints the tables that stand in deploy/README.md. The
figures come from tests/benchmarks (each names its command); measure on your own machines, write
them down, and run it again. Change what is assumed of the carrier below.
"""

import json
import sys
from pathlib import Path
from typing import Final

MEASURED: Final = Path(__file__).with_name("measured.json")

LINES: Final = 50_000_000
ASSESSMENTS_A_LINE_A_YEAR: Final = 0.25
"""Changes and tries of them: about one line in five changes its SIM within a year."""
A_TERMINAL_AN_HOUR: Final = 6
"""Assessments of one terminal in the busiest hour."""
BUSIEST_HOUR: Final = 1 / 1_500
"""The busiest hour's share of a year: a Saturday in March."""
WATCHED: Final = 10_000_000
RETAINED_DAYS: Final = 90
BUSY: Final = 0.5
"""How busy a core may be, so that a burst and a core that fails are borne."""
HEADROOM: Final = 1.5
"""Memory beyond what is stored: fragments, and a rewrite of the append-only file."""

_GIB: Final = 1 << 30


def rows(measured: dict[str, float]) -> list[tuple[str, str]]:
    """Return what there is to plan, and how much."""
    a_year = LINES * ASSESSMENTS_A_LINE_A_YEAR
    a_second = a_year * BUSIEST_HOUR / 3600
    server, redis = measured["server_us"], measured["redis_us"]
    a_core = BUSY * 1e6 / server
    retained = a_year * RETAINED_DAYS / 365
    memory = {
        "lines' records": LINES * measured["line_bytes"],
        f"assessments of {RETAINED_DAYS} days": retained * measured["retained_bytes"],
        f"{WATCHED:,} watched entries": WATCHED * measured["watched_bytes"],
    }
    return [
        ("assessments a year", f"{a_year / 1e6:.1f} million"),
        ("assessments a second in the busiest hour", f"{a_second:.1f}"),
        ("assessments a second on one core, half busy", f"{a_core:,.0f}"),
        ("terminals that one core serves", f"{a_core * 3600 / A_TERMINAL_AN_HOUR:,.0f}"),
        ("cores of workers in the busiest hour", f"{max(1.0, a_second / a_core):.1f}"),
        ("of Redis' one core", f"{a_second * redis / 1e6:.1%}"),
        *((f"Redis: {what}", f"{held / _GIB:.1f} GiB") for what, held in memory.items()),
        ("Redis in all, with headroom", f"{HEADROOM * sum(memory.values()) / _GIB:.0f} GiB"),
        ("the ledger, a year", f"{a_year * measured['decision_bytes'] / _GIB:.0f} GiB"),
    ]


def table(measured: dict[str, float]) -> str:
    """Return the table, as markdown."""
    cells = [f"| {what} | {much} |" for what, much in rows(measured)]
    return "\n".join([f"| a carrier of {LINES:,} lines | |", "|---|--:|", *cells])


def main() -> None:
    """Print it for the figures of a file, or those of this repository."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else MEASURED
    print(table(json.loads(path.read_text())["figures"]))


if __name__ == "__main__":
    main()
