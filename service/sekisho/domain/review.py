"""The fraud team's review of a decision: where it waits, how risky it is, what was found."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sekisho.domain.decision import (
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Judgement,
    Standing,
    Verdict,
)


class Queue(StrEnum):
    """Where a case waits."""

    NONE = "none"
    """Nowhere: it never stepped up, it passed, or its disposition is known."""
    FRAUD_TEAM = "fraud_team"
    """Somebody at the counter waits for the fraud team."""
    COUNTER = "counter"
    """The shop is answering."""
    DEGRADED = "degraded"
    """Only signals are missing: RETRY clears it."""
    AFTERWARDS = "afterwards"
    """It ended without passing, or was overridden."""


DUE_MS: Final[Mapping[Queue, int]] = {
    Queue.FRAUD_TEAM: 300_000,
    Queue.COUNTER: 1_800_000,
    Queue.DEGRADED: 1_800_000,
    Queue.AFTERWARDS: 86_400_000,
}
"""How long after it came into a queue a case should be reviewed, where a policy says nothing."""


class Disposition(StrEnum):
    """What the fraud team found."""

    CONFIRMED_FRAUD = "confirmed_fraud"
    SUSPECTED = "suspected"
    LEGITIMATE = "legitimate"
    UNDETERMINED = "undetermined"


def open_challenges(standing: Standing) -> tuple[ChallengeKind, ...]:
    """Return what an open step-up still asks for; nothing where it is not open."""
    if standing.state is not DecisionState.STEP_UP_OPEN:
        return ()
    return tuple(_open(standing))


def queue_of(standing: Standing, first: Verdict, disposition: Disposition | None) -> Queue:
    """Return where a decision waits. `first` is the verdict that its request was answered with.

    A step-up that expired while it asked for nothing but RETRY waits nowhere: an outage would
    otherwise leave thousands behind, of which nobody can find out anything.
    """
    if standing.state is DecisionState.STEP_UP_OPEN:
        asked = set(_open(standing))
        if ChallengeKind.FRAUD_TEAM in asked:
            return Queue.FRAUD_TEAM
        return Queue.COUNTER if asked - {ChallengeKind.RETRY} else Queue.DEGRADED
    if disposition is not None:
        return Queue.NONE
    if standing.state is DecisionState.COMPLETED:
        return Queue.AFTERWARDS if standing.override else Queue.NONE
    if first is Verdict.ALLOW or standing.state is DecisionState.ALLOWED:
        return Queue.NONE
    if standing.state is DecisionState.EXPIRED and set(_open(standing)) <= {ChallengeKind.RETRY}:
        return Queue.NONE
    return Queue.AFTERWARDS


def risk_of(judgement: Judgement) -> float:
    """Return the score, with each hard rule that fired counted as the step-up threshold."""
    return judgement.score + judgement.threshold * sum(r.hard for r in judgement.reasons)


def _open(standing: Standing) -> list[ChallengeKind]:
    return [c.kind for c in standing.step_up.challenges if c.state is ChallengeState.OPEN]
