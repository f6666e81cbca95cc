"""The checker: compares what clients sent and got with what ledger and cache hold. Pure."""

from tests.faults.checks import answers, cache, facts
from tests.faults.evidence import Evidence, Violation

_CHECKS = (
    answers.statuses,
    answers.acknowledged,
    answers.repeats,
    answers.recorded,
    answers.bodies,
    answers.events,
    facts.allows,
    facts.tries,
    facts.failures,
    cache.tries,
    cache.marks,
)


def check(evidence: Evidence) -> list[Violation]:
    """Return every violation, in order and each once."""
    return sorted({violation for look in _CHECKS for violation in look(evidence)})
