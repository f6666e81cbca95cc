"""The step-up's state machine."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain import step_up
from sekisho.domain.decision import (
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Standing,
    StepUp,
    Verdict,
)
from sekisho.domain.errors import FailedPreconditionError
from sekisho.domain.evidence import Outcome
from sekisho.domain.velocity import Mark

NOW = 1_780_000_000_000
EXPIRES = NOW + 1_800_000
CALL = ChallengeKind.CALL_REGISTERED_CONTACT
CHIP = ChallengeKind.READ_CHIP
REENTER = ChallengeKind.REENTER_NUMBER


def standing(*demands: ChallengeKind, attempts: int = 0, began: bool = False) -> Standing:
    asked = step_up.begin(demands, NOW, 60_000, ("sim_change.iccid",))
    return Standing(
        decision_id=b"\x01" * 16,
        request_id="5a0d0b5e-4a53-4a55-9b3a-6a2b1f0c9d11",
        shop="ginza",
        case_number="ABCD2345",
        revision=0,
        verdict=Verdict.STEP_UP if demands else Verdict.ALLOW,
        state=DecisionState.STEP_UP_OPEN if demands else DecisionState.ALLOWED,
        decided_at=NOW,
        expires_at=EXPIRES,
        degraded=False,
        step_up=replace(asked, attempts=attempts, evidence_began=began),
    )


def settle(
    answered: Standing, *demands: ChallengeKind, degraded: bool = False
) -> step_up.Transition:
    return step_up.settle(
        answered,
        demands,
        now=NOW + 1,
        wait_ms=60_000,
        expiry_ms=1_800_000,
        reentry_fields=("sim_change.documents[0].number",),
        attempts_allowed=3,
        degraded=degraded,
    )


def states(result: Standing) -> dict[ChallengeKind, ChallengeState]:
    return {challenge.kind: challenge.state for challenge in result.step_up.challenges}


def test_a_wait_says_until_when_and_a_reentry_says_which_fields() -> None:
    opened = step_up.begin((REENTER, ChallengeKind.WAIT), NOW, 60_000, ("sim_change.iccid",))
    reenter, wait = opened.challenges
    assert reenter.fields == ("sim_change.iccid",)
    assert reenter.wait_until is None
    assert wait.wait_until == NOW + 60_000
    assert wait.fields == ()


def test_satisfying_all_that_is_asked_allows_the_change() -> None:
    answered = step_up.answer(standing(CALL), {CALL: ChallengeState.SATISFIED})
    assert step_up.satisfied(answered) == {CALL}
    ended = settle(answered)
    assert ended.standing.verdict is Verdict.ALLOW
    assert ended.standing.state is DecisionState.ALLOWED
    assert ended.marks == (Mark.CLOSED,)


def test_refuted_evidence_fails_the_step_up_even_where_nothing_else_is_asked() -> None:
    answered = step_up.answer(standing(CALL), {CALL: ChallengeState.REFUTED})
    ended = settle(answered)
    assert ended.standing.state is DecisionState.STEP_UP_FAILED
    assert ended.standing.verdict is Verdict.STEP_UP
    assert Mark.FAILURE in ended.marks


def test_the_third_attempt_that_leaves_something_open_fails() -> None:
    second = step_up.answer(standing(CALL, attempts=1), {CALL: ChallengeState.OPEN})
    assert settle(second, CALL).standing.state is DecisionState.STEP_UP_OPEN
    third = step_up.answer(standing(CALL, attempts=2), {CALL: ChallengeState.OPEN})
    assert settle(third, CALL).standing.state is DecisionState.STEP_UP_FAILED


def test_entering_a_number_again_uses_up_no_attempt() -> None:
    current = standing(REENTER)
    for _ in range(10):
        answered = step_up.answer(current, {REENTER: ChallengeState.SATISFIED})
        current = settle(answered, REENTER).standing
    assert current.state is DecisionState.STEP_UP_OPEN
    assert current.step_up.attempts == 0
    assert not current.step_up.evidence_began
    assert states(current) == {REENTER: ChallengeState.OPEN}


def test_a_challenge_that_nobody_answered_and_nothing_asks_for_is_dropped() -> None:
    answered = step_up.answer(standing(CALL, CHIP), {CHIP: ChallengeState.SATISFIED})
    ended = settle(answered, ChallengeKind.SUPERVISOR)
    assert states(ended.standing) == {
        CHIP: ChallengeState.SATISFIED,
        ChallengeKind.SUPERVISOR: ChallengeState.OPEN,
    }


def test_what_is_still_asked_stays_as_it_was() -> None:
    current = standing(ChallengeKind.WAIT)
    answered = step_up.answer(current, {ChallengeKind.WAIT: ChallengeState.OPEN})
    after = settle(answered, ChallengeKind.WAIT, degraded=True).standing
    assert after.step_up.challenges == current.step_up.challenges
    assert after.degraded


def test_a_wait_longer_than_a_decision_holds_makes_it_hold_longer() -> None:
    asked = step_up.begin((ChallengeKind.WAIT,), NOW, 86_400_000, ())
    assert step_up.expires_at(asked, NOW, 1_800_000) == NOW + 86_400_000 + 1_800_000
    assert step_up.expires_at(StepUp(), NOW, 1_800_000) == NOW + 1_800_000
    answered = step_up.answer(standing(CALL), {CALL: ChallengeState.SATISFIED})
    after = settle(answered, ChallengeKind.WAIT).standing
    assert after.expires_at == NOW + 1 + 60_000 + 1_800_000


def test_an_allow_that_nobody_used_expires() -> None:
    allowed = standing()
    assert step_up.as_of(allowed, EXPIRES - 1).standing == allowed
    expired = step_up.as_of(allowed, EXPIRES)
    assert expired.standing.state is DecisionState.EXPIRED
    assert expired.marks == ()


def test_a_step_up_that_expires_after_evidence_began_has_failed() -> None:
    untouched = step_up.as_of(standing(CALL), EXPIRES)
    assert untouched.standing.state is DecisionState.EXPIRED
    assert untouched.marks == (Mark.CLOSED,)
    tried = step_up.as_of(standing(CALL, began=True), EXPIRES)
    assert tried.standing.state is DecisionState.STEP_UP_FAILED
    assert tried.marks == (Mark.FAILURE, Mark.CLOSED)


def test_time_changes_nothing_about_what_has_ended() -> None:
    completed = replace(standing(), state=DecisionState.COMPLETED)
    assert step_up.as_of(completed, EXPIRES + 1) == step_up.Transition(completed)


def test_completing_an_allow_is_no_override() -> None:
    ended = step_up.take_outcome(standing(), Outcome.COMPLETED)
    assert ended.standing.state is DecisionState.COMPLETED
    assert not ended.standing.override
    assert ended.marks == (Mark.COMPLETED, Mark.CLOSED)


@pytest.mark.parametrize(
    "state",
    [
        DecisionState.STEP_UP_OPEN,
        DecisionState.STEP_UP_FAILED,
        DecisionState.EXPIRED,
        DecisionState.ABANDONED,
        DecisionState.REFUSED,
    ],
)
def test_completing_what_is_not_allowed_is_an_override(state: DecisionState) -> None:
    ended = step_up.take_outcome(replace(standing(CALL), state=state), Outcome.COMPLETED)
    assert ended.standing.state is DecisionState.COMPLETED
    assert ended.standing.override
    assert Mark.OVERRIDE in ended.marks


def test_refusing_counts_as_a_failure_once() -> None:
    ended = step_up.take_outcome(standing(CALL), Outcome.REFUSED)
    assert ended.standing.state is DecisionState.REFUSED
    assert ended.marks == (Mark.FAILURE, Mark.CLOSED)
    failed = replace(standing(CALL), state=DecisionState.STEP_UP_FAILED)
    assert step_up.take_outcome(failed, Outcome.REFUSED).marks == (Mark.CLOSED,)


def test_walking_away_from_a_half_failed_check_counts_as_a_failure() -> None:
    before = step_up.take_outcome(standing(CALL), Outcome.ABANDONED)
    assert before.marks == (Mark.CLOSED,)
    after = step_up.take_outcome(standing(CALL, began=True), Outcome.ABANDONED)
    assert after.standing.state is DecisionState.ABANDONED
    assert after.marks == (Mark.FAILURE, Mark.CLOSED)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (DecisionState.COMPLETED, Outcome.COMPLETED),
        (DecisionState.COMPLETED, Outcome.ABANDONED),
        (DecisionState.ABANDONED, Outcome.REFUSED),
        (DecisionState.REFUSED, Outcome.ABANDONED),
    ],
)
def test_an_outcome_is_taken_once(state: DecisionState, outcome: Outcome) -> None:
    with pytest.raises(FailedPreconditionError, match=state.value):
        step_up.take_outcome(replace(standing(CALL), state=state), outcome)


challenge_sets = st.sets(st.sampled_from(list(ChallengeKind)), min_size=1, max_size=5)


@given(
    asked=challenge_sets,
    answers=st.dictionaries(
        st.sampled_from(list(ChallengeKind)), st.sampled_from(list(ChallengeState)), min_size=1
    ),
    demands=st.sets(st.sampled_from(list(ChallengeKind)), max_size=5),
    attempts=st.integers(0, 2),
)
def test_only_an_empty_list_of_demands_without_a_refutation_ever_allows(
    asked: set[ChallengeKind],
    answers: dict[ChallengeKind, ChallengeState],
    demands: set[ChallengeKind],
    attempts: int,
) -> None:
    answered = step_up.answer(standing(*asked, attempts=attempts), answers)
    after = settle(answered, *demands)
    refuted = any(
        state is ChallengeState.REFUTED for kind, state in answers.items() if kind in asked
    )
    assert (after.standing.verdict is Verdict.ALLOW) == (not demands and not refuted)
    if after.standing.state is DecisionState.STEP_UP_OPEN:
        still_open = {k for k, s in states(after.standing).items() if s is ChallengeState.OPEN}
        assert still_open == demands
    assert isinstance(after.standing.step_up, StepUp)


def test_an_approval_lets_pass_and_holds_as_long_as_a_new_decision() -> None:
    opened = standing(CALL, CHIP)
    ended = step_up.approve(opened, NOW + 60_000, 1_800_000)
    assert ended.standing.verdict is Verdict.ALLOW
    assert ended.standing.state is DecisionState.ALLOWED
    assert ended.standing.expires_at == NOW + 60_000 + 1_800_000
    assert ended.marks == (Mark.CLOSED,)
    assert step_up.approve(opened, NOW - 60_000, 1_800_000).standing.expires_at == EXPIRES


def test_a_decline_fails_the_step_up() -> None:
    ended = step_up.decline(standing(CALL))
    assert ended.standing.state is DecisionState.STEP_UP_FAILED
    assert ended.marks == (Mark.FAILURE, Mark.CLOSED)


@pytest.mark.parametrize("asked", [ChallengeKind.RETRY, CALL, ChallengeKind.FRAUD_TEAM])
def test_nobody_lets_pass_what_could_not_be_looked_at(asked: ChallengeKind) -> None:
    blind = replace(standing(asked), degraded=True)
    with pytest.raises(FailedPreconditionError) as refused:
        step_up.approve(blind, NOW, 1_800_000)
    assert refused.value.reason == "SIGNALS_MISSING"
    assert step_up.decline(blind).marks


@pytest.mark.parametrize(
    "state", [state for state in DecisionState if state is not DecisionState.STEP_UP_OPEN]
)
def test_only_an_open_step_up_is_answered_by_an_analyst(state: DecisionState) -> None:
    ended = replace(standing(CALL), state=state)
    acts: list[Callable[[], object]] = [
        lambda: step_up.approve(ended, NOW, 1_800_000),
        lambda: step_up.decline(ended),
        lambda: step_up.demand(ended, CHIP, NOW, 1_800_000),
    ]
    for act in acts:
        with pytest.raises(FailedPreconditionError) as refused:
            act()
        assert refused.value.reason == "STEP_UP_NOT_OPEN"


def test_what_an_analyst_demands_is_asked_for_until_it_is_answered() -> None:
    asked = step_up.demand(standing(CALL), CHIP, NOW + 60_000, 1_800_000).standing
    assert states(asked) == {CHIP: ChallengeState.OPEN, CALL: ChallengeState.OPEN}
    assert asked.expires_at == NOW + 60_000 + 1_800_000
    # The policy is content; the analyst is not yet.
    called = step_up.answer(asked, {CALL: ChallengeState.SATISFIED})
    after = settle(called).standing
    assert after.state is DecisionState.STEP_UP_OPEN
    assert states(after)[CHIP] is ChallengeState.OPEN
    read = step_up.answer(after, {CHIP: ChallengeState.SATISFIED})
    assert settle(read).standing.state is DecisionState.ALLOWED
    refuted = step_up.answer(after, {CHIP: ChallengeState.REFUTED})
    assert settle(refuted).standing.state is DecisionState.STEP_UP_FAILED


def test_what_was_asked_before_is_not_demanded_again() -> None:
    with pytest.raises(FailedPreconditionError) as refused:
        step_up.demand(standing(CALL), CALL, NOW, 1_800_000)
    assert refused.value.reason == "ALREADY_DEMANDED"
