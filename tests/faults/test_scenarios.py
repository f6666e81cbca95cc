"""A sample of every scenario: the states that are reached, and never a time.

The seed is FAULTS_SEED where that is set, else another one each time; a failure prints it.
"""

import os
import secrets

import pytest

from tests.faults.catalogue import SCENARIOS, Scenario

pytestmark = [pytest.mark.slow, pytest.mark.destructive, pytest.mark.timeout(600)]

SEED = os.environ.get("FAULTS_SEED") or secrets.token_hex(4)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_no_promise_is_broken(scenario: Scenario) -> None:
    if missing := scenario.missing():
        # A small disk to fill needs root, as CI has.
        pytest.skip(missing)
    tally = await scenario.run(SEED, scenario.sample)
    broken = "\n".join(map(str, tally.violations[:20]))
    assert not tally.violations, f"FAULTS_SEED={SEED}\n{broken}"
    assert tally.answers > 0
