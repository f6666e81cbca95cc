"""The long run: `python -m tests.faults.long [--seed S] [--scale 0.1] [NAME…]`.

Every scenario, many times, and the table of what came out, as markdown. The status is 1 where a
promise was broken or a time was missed.
"""

import argparse
import asyncio
import secrets
import sys
import time
import traceback
from collections.abc import Sequence

from tests.faults.catalogue import SCENARIOS, Scenario
from tests.faults.evidence import Violation
from tests.faults.world import Tally

_HEAD = "| scenario | worlds | kills | faults | requests | answers | degraded | p99 ms | broken |"
_RULE = "|---|--:|--:|--:|--:|--:|--:|--:|--:|"

LIMITS = {
    "stalled ms": 70.0,
    "recovery ms": 2_000.0,
    "connections": 10.0,
    "whole after promotion ms": 5_000.0,
}
"""What the figures of a scenario may be at most: the 99th percentile of `stalled ms` (a budget of
50 ms, and 20), the greatest of the others."""


async def run(scenario: Scenario, seed: str, scale: float) -> Tally:
    """Run one scenario in all its worlds."""
    total = Tally()
    for number in range(max(1, round(scenario.worlds * scale))):
        try:
            tally = await scenario.run(f"{seed}-{number}", scenario.long)
        except Exception as error:
            # A world that broke down proves nothing: it counts against the run, which goes on.
            traceback.print_exc()
            tally = Tally(violations=[Violation("the scenario", scenario.name, repr(error))])
        for violation in tally.violations:
            print(f"{scenario.name} {seed}-{number}: {violation}", file=sys.stderr, flush=True)
        total.add(tally)
    return total


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile, 0 of nothing."""
    return sorted(values)[int(len(values) * share)] if values else 0.0


def row(scenario: Scenario, tally: Tally, worlds: int) -> str:
    """Return the table's row."""
    numbers = (
        *(worlds, tally.kills, tally.faults, tally.requests, tally.answers, tally.degraded),
        round(percentile(tally.took, 0.99)),
        len(tally.violations),
    )
    return f"| {scenario.meaning} | {' | '.join(f'{number:,}' for number in numbers)} |"


def missed(tally: Tally) -> list[str]:
    """Return each figure, and mark those that are above their limit."""
    lines = []
    for name, values in tally.figures.items():
        worst = percentile(values, 0.99) if name == "stalled ms" else max(values, default=0.0)
        mark = "" if worst <= LIMITS[name] else f" MISSED, at most {LIMITS[name]:g}"
        lines.append(f"{name}: {worst:.0f} of {len(values)}{mark}")
    return lines


def main() -> int:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", default=secrets.token_hex(4))
    parser.add_argument("--scale", type=float, default=1.0)
    given = parser.parse_args()
    known = [scenario.name for scenario in SCENARIOS]
    if unknown := sorted({*given.names}.difference(known)):
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    began, total, figures = time.monotonic(), Tally(), []
    print(f"seed {given.seed}\n\n{_HEAD}\n{_RULE}", flush=True)
    for scenario in SCENARIOS:
        if given.names and scenario.name not in given.names:
            continue
        if missing := scenario.missing():
            print(f"| {scenario.meaning} | {missing} |", flush=True)
            continue
        tally = asyncio.run(run(scenario, given.seed, given.scale))
        worlds = max(1, round(scenario.worlds * given.scale))
        print(row(scenario, tally, worlds), flush=True)
        figures += missed(tally)
        total.add(tally)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{total.kills:,} kills, {total.faults:,} other faults, {total.answers:,} answers")
    print(f"{len(total.violations)} broken promises, {minutes:.0f} minutes")
    print("\n".join(figures))
    return 1 if total.violations or any("MISSED" in line for line in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
