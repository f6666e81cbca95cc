"""Where a decision waits for the fraud team, and how risky it is."""

import pytest

from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Judgement,
    Reason,
    Standing,
    StepUp,
    Verdict,
)
from sekisho.domain.review import Disposition, Queue, open_challenges, queue_of, risk_of


def standing(state: DecisionState, *asked: ChallengeKind, override: bool = False) -> Standing:
    """A standing in which `asked` is open, and a chip was read before."""
    done = Challenge(ChallengeKind.READ_CHIP, ChallengeState.SATISFIED)
    still = (Challenge(kind, ChallengeState.OPEN) for kind in asked)
    return Standing(
        decision_id=b"\x01" * 16,
        request_id="6c84fb90-12c4-11e1-840d-7b25c5ee775a",
        shop="osaka-01",
        case_number="ABCD2345",
        revision=0,
        verdict=Verdict.ALLOW if state is DecisionState.ALLOWED else Verdict.STEP_UP,
        state=state,
        decided_at=0,
        expires_at=1_800_000,
        degraded=False,
        step_up=StepUp((done, *still)),
        override=override,
    )


RETRY, WAIT, TEAM = ChallengeKind.RETRY, ChallengeKind.WAIT, ChallengeKind.FRAUD_TEAM
OPEN, EXPIRED = DecisionState.STEP_UP_OPEN, DecisionState.EXPIRED


@pytest.mark.parametrize(
    ("now", "first", "queue"),
    [
        (standing(OPEN, TEAM, WAIT), Verdict.STEP_UP, Queue.FRAUD_TEAM),
        (standing(OPEN, WAIT, RETRY), Verdict.STEP_UP, Queue.COUNTER),
        (standing(OPEN, RETRY), Verdict.STEP_UP, Queue.DEGRADED),
        (standing(DecisionState.ALLOWED), Verdict.ALLOW, Queue.NONE),
        (standing(DecisionState.ALLOWED), Verdict.STEP_UP, Queue.NONE),
        (standing(EXPIRED), Verdict.ALLOW, Queue.NONE),
        (standing(EXPIRED, RETRY), Verdict.STEP_UP, Queue.NONE),
        (standing(EXPIRED, RETRY, WAIT), Verdict.STEP_UP, Queue.AFTERWARDS),
        (standing(DecisionState.STEP_UP_FAILED), Verdict.STEP_UP, Queue.AFTERWARDS),
        (standing(DecisionState.ABANDONED, WAIT), Verdict.STEP_UP, Queue.AFTERWARDS),
        (standing(DecisionState.COMPLETED), Verdict.STEP_UP, Queue.NONE),
        (standing(DecisionState.COMPLETED, override=True), Verdict.STEP_UP, Queue.AFTERWARDS),
    ],
)
def test_a_case_waits_where_somebody_can_do_something(
    now: Standing, first: Verdict, queue: Queue
) -> None:
    assert queue_of(now, first, None) is queue


@pytest.mark.parametrize("found", Disposition)
def test_what_is_known_waits_only_while_somebody_is_at_the_counter(found: Disposition) -> None:
    assert queue_of(standing(EXPIRED, WAIT), Verdict.STEP_UP, found) is Queue.NONE
    assert queue_of(standing(OPEN, TEAM), Verdict.STEP_UP, found) is Queue.FRAUD_TEAM


def test_only_an_open_step_up_asks_for_something() -> None:
    assert open_challenges(standing(OPEN, WAIT, TEAM)) == (WAIT, TEAM)
    assert open_challenges(standing(EXPIRED, WAIT)) == ()


def test_a_hard_rule_is_as_risky_as_the_threshold() -> None:
    reasons = tuple(Reason(code, 30, hard, (), {}) for code, hard in (("A", True), ("B", False)))
    found = Judgement(Verdict.STEP_UP, 60, 100, (TEAM,), reasons, (), "default@1")
    assert risk_of(found) == 160
