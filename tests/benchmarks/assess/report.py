"""What a benchmark found: printed as it comes, and as JSON."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.assess.machine import machine


class Report:
    """Takes findings."""

    def __init__(self) -> None:
        self.findings: list[dict[str, object]] = []

    def say(self, text: str, **figures: object) -> None:
        """Print a finding, and keep its figures."""
        print(text, flush=True)
        self.findings.append({"found": text, **figures})


@contextmanager
def reporting(given: argparse.Namespace) -> Iterator[Report]:
    """Report what is found; into the file that `--json` named, too."""
    report = Report()
    report.say(machine())
    yield report
    file: Path | None = given.json
    if file:
        file.write_text(json.dumps(report.findings, indent=1))


def parser() -> argparse.ArgumentParser:
    """Return a parser that knows `--json`."""
    made = argparse.ArgumentParser()
    made.add_argument("--json", type=Path)
    return made
