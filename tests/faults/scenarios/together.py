"""Requests that arrive at the same moment, from several processes."""

from collections.abc import Sequence

from tests.faults.evidence import Evidence, Violation
from tests.faults.world import Tally, world

_PROCESSES = 4
_TRIES = 200


async def two_bodies(seed: str, rounds: int) -> Tally:
    """Two bodies with one request_id at the same moment: one is taken, the other refused."""
    async with world(seed, begin=False) as here:
        await here.begin(count=_PROCESSES, workers=1, slot=0.05, think=0.1)
        await here.answers(rounds * _PROCESSES)
        tally = await here.verdict()
    refused = [c for c in here.read.calls.values() if c.ended and c.ended.code == "ALREADY_EXISTS"]
    if not refused:
        tally.violations.append(Violation("two bodies", seed, "none was refused"))
    return tally


async def one_card(seed: str, rounds: int) -> Tally:
    """200 simultaneous tries of one document: at most one is unaware of the others."""
    total = Tally()
    for number in range(rounds):
        async with world(f"{seed}-{number}", begin=False) as here:
            each = _TRIES // _PROCESSES
            await here.begin(
                count=_PROCESSES,
                **{"workers": each, "most": each, "repeats": 0.0, "together": True},
                **{"mix": "same/card", "timeout": 10.0},
            )
            await here.until(lambda: here.read.answers >= _TRIES, "all answers")
            tally = await here.verdict()
        tally.violations += _unaware(here.evidence)
        total.add(tally)
    return total


def _unaware(evidence: Evidence) -> Sequence[Violation]:
    """Every known count is another one, so that one try at most saw itself alone."""
    facts = [kept.case.account.facts for kept in evidence.truth.decisions]
    counts = [count for each in facts if (count := each.get("velocity.document.tries_24h"))]
    found = []
    if len(set(counts)) < len(counts):
        found.append(Violation("tries that did not see each other", "one card", str(counts)))
    if len(facts) != _TRIES:
        found.append(Violation("tries that did not see each other", "one card", str(len(facts))))
    return found
