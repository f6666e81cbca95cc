"""An assessment must not become dearer unnoticed."""

from pathlib import Path

import pytest

from tests.benchmarks.assess.opening import opened
from tests.benchmarks.assess.runs import FLOOR, measure, server_cpu

RECORDED = 7.6
"""CPU of the server an assessment on SQLite, in those of an empty handler: what this test
measured when it was last set."""
GROWN = 1.25 * RECORDED
TOGETHER = 32


@pytest.mark.slow
def test_an_assessment_costs_no_quarter_more_than_recorded(tmp_path: Path) -> None:
    found = []
    # A busy machine adds to either side: what is dearer for good is dearer every time.
    with opened(tmp_path, FLOOR, "sqlite") as subjects:
        for _ in range(3):
            runs = measure(subjects, [TOGETHER], 3, 1.0, tmp_path)
            found.append(
                runs.least("sqlite", TOGETHER, server_cpu) / runs.least(FLOOR, TOGETHER, server_cpu)
            )
            if found[-1] <= GROWN:
                break
    print(f"CPU an assessment, in empty handlers: {found}")
    assert min(found) <= GROWN
