"""The step-up's state machine: what is asked, what evidence makes of it, how it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Standing,
    StepUp,
    Verdict,
)
from sekisho.domain.errors import FailedPreconditionError
from sekisho.domain.evidence import Outcome
from sekisho.domain.value import value
from sekisho.domain.velocity import Mark

NO_ATTEMPT = frozenset({ChallengeKind.RETRY, ChallengeKind.REENTER_NUMBER, ChallengeKind.WAIT})
"""Evidence of these alone uses up no attempt: a typing slip or a lost signal is no failure."""


@value
class Transition:
    """What an event makes of a decision: its next standing, and the marks that count."""

    standing: Standing
    marks: tuple[Mark, ...] = ()


def begin(
    demands: Sequence[ChallengeKind], now: int, wait_ms: int, reentry_fields: tuple[str, ...]
) -> StepUp:
    """Open a step-up that asks for `demands`."""
    return StepUp(
        challenges=tuple(_challenge(kind, now, wait_ms, reentry_fields) for kind in demands)
    )


def expires_at(step_up: StepUp, now: int, expiry_ms: int) -> int:
    """Return until when a decision made `now` holds: a wait that it asks for comes first."""
    waits = (c.wait_until for c in step_up.challenges if c.wait_until is not None)
    return max(waits, default=now) + expiry_ms


def as_of(standing: Standing, now: int) -> Transition:
    """Let time act: an open step-up or an unused ALLOW ends when its time is up.

    A step-up that expires after evidence began has failed.
    """
    if now < standing.expires_at:
        return Transition(standing)
    if standing.state is DecisionState.ALLOWED:
        return Transition(replace(standing, state=DecisionState.EXPIRED))
    if standing.state is not DecisionState.STEP_UP_OPEN:
        return Transition(standing)
    if standing.step_up.evidence_began:
        failed = replace(standing, state=DecisionState.STEP_UP_FAILED)
        return Transition(failed, (Mark.FAILURE, Mark.CLOSED))
    return Transition(replace(standing, state=DecisionState.EXPIRED), (Mark.CLOSED,))


def satisfied(standing: Standing) -> frozenset[ChallengeKind]:
    """Return the challenges that evidence has satisfied."""
    return frozenset(
        challenge.kind
        for challenge in standing.step_up.challenges
        if challenge.state is ChallengeState.SATISFIED
    )


def answer(standing: Standing, results: Mapping[ChallengeKind, ChallengeState]) -> Standing:
    """Note what the evidence did to each challenge that it answers."""
    step_up = standing.step_up
    tried = not NO_ATTEMPT.issuperset(results)
    return replace(
        standing,
        step_up=replace(
            step_up,
            challenges=tuple(
                replace(challenge, state=results.get(challenge.kind, challenge.state))
                for challenge in step_up.challenges
            ),
            attempts=step_up.attempts + tried,
            evidence_began=step_up.evidence_began or tried,
        ),
    )


def settle(
    answered: Standing,
    demands: Sequence[ChallengeKind],
    *,
    now: int,
    wait_ms: int,
    expiry_ms: int,
    reentry_fields: tuple[str, ...],
    attempts_allowed: int,
    degraded: bool,
) -> Transition:
    """Advance an open step-up after its evidence was noted and the change assessed again.

    `demands` is what the policy still asks for, settled challenges left out. Refuted evidence
    fails the step-up; so does the last allowed attempt that leaves something open. Challenges
    that nothing asks for any more and nobody answered are dropped; what an analyst demanded is
    asked for until it is answered.
    """
    known = {challenge.kind: challenge for challenge in answered.step_up.challenges}
    asked = {*demands, *answered.step_up.demanded} - (satisfied(answered) - {*demands})
    demands = tuple(kind for kind in ChallengeKind if kind in asked)
    refuted = any(c.state is ChallengeState.REFUTED for c in known.values())
    challenges = tuple(
        known[kind]
        if kind in known and (kind not in demands or known[kind].state is ChallengeState.OPEN)
        else _challenge(kind, now, wait_ms, reentry_fields)
        for kind in ChallengeKind
        if kind in demands or (kind in known and known[kind].state is not ChallengeState.OPEN)
    )
    step_up = replace(answered.step_up, challenges=challenges)
    after = replace(
        answered,
        degraded=degraded,
        step_up=step_up,
        expires_at=max(answered.expires_at, expires_at(step_up, answered.decided_at, expiry_ms)),
    )
    if refuted or (demands and after.step_up.attempts >= attempts_allowed):
        failed = replace(after, state=DecisionState.STEP_UP_FAILED)
        return Transition(failed, (Mark.FAILURE, Mark.CLOSED))
    if demands:
        return Transition(after)
    allowed = replace(after, verdict=Verdict.ALLOW, state=DecisionState.ALLOWED)
    return Transition(allowed, (Mark.CLOSED,))


def take_outcome(standing: Standing, outcome: Outcome) -> Transition:
    """Take what became of the change; `standing` is as of now.

    Completing what was not allowed, or no longer, is an override. Refusing, and giving up after
    evidence began, count as failures: whoever walks away from a half-failed check has not passed.
    Raises FailedPreconditionError when the outcome is known already.
    """
    state = standing.state
    if state is DecisionState.COMPLETED or (
        outcome is not Outcome.COMPLETED
        and state in (DecisionState.ABANDONED, DecisionState.REFUSED)
    ):
        message = f"the outcome of this decision is known: {state.value}"
        raise FailedPreconditionError(message, "OUTCOME_KNOWN")
    if outcome is Outcome.COMPLETED:
        override = state is not DecisionState.ALLOWED
        after = replace(standing, state=DecisionState.COMPLETED, override=override)
        marks = (Mark.COMPLETED, Mark.OVERRIDE) if override else (Mark.COMPLETED,)
        return Transition(after, (*marks, Mark.CLOSED))
    open_and_tried = state is DecisionState.STEP_UP_OPEN and standing.step_up.evidence_began
    if outcome is Outcome.REFUSED:
        failed = () if state is DecisionState.STEP_UP_FAILED else (Mark.FAILURE,)
        return Transition(replace(standing, state=DecisionState.REFUSED), (*failed, Mark.CLOSED))
    return Transition(
        replace(standing, state=DecisionState.ABANDONED),
        (Mark.FAILURE, Mark.CLOSED) if open_and_tried else (Mark.CLOSED,),
    )


def approve(standing: Standing, now: int, expiry_ms: int) -> Transition:
    """Let an open step-up pass: a person has found that it may. It then holds as long as a
    decision that was made now. `standing` is as of now.

    Raises FailedPreconditionError: STEP_UP_NOT_OPEN, or SIGNALS_MISSING where it was last
    assessed without signals that assessing again may bring: nobody may let pass what could not be
    looked at. The shop's next evidence brings them.
    """
    _require_open(standing)
    if standing.degraded:
        message = "signals are missing: whatever the shop brings next observes them again"
        raise FailedPreconditionError(message, "SIGNALS_MISSING")
    allowed = replace(
        standing,
        verdict=Verdict.ALLOW,
        state=DecisionState.ALLOWED,
        expires_at=max(standing.expires_at, now + expiry_ms),
    )
    return Transition(allowed, (Mark.CLOSED,))


def decline(standing: Standing) -> Transition:
    """Fail an open step-up. `standing` is as of now. Raises as `approve`."""
    _require_open(standing)
    failed = replace(standing, state=DecisionState.STEP_UP_FAILED)
    return Transition(failed, (Mark.FAILURE, Mark.CLOSED))


def demand(standing: Standing, kind: ChallengeKind, now: int, expiry_ms: int) -> Transition:
    """Ask the shop of an open step-up for one more challenge. `standing` is as of now.

    Raises FailedPreconditionError: STEP_UP_NOT_OPEN, or ALREADY_DEMANDED where this was asked
    before.
    """
    _require_open(standing)
    known = {challenge.kind: challenge for challenge in standing.step_up.challenges}
    if kind in known:
        message = f"this was asked before: {kind.value} is {known[kind].state.value}"
        raise FailedPreconditionError(message, "ALREADY_DEMANDED")
    known[kind] = _challenge(kind, now, 0, ())
    asked = replace(
        standing.step_up,
        challenges=tuple(known[each] for each in ChallengeKind if each in known),
        demanded=(*standing.step_up.demanded, kind),
    )
    return Transition(
        replace(standing, step_up=asked, expires_at=max(standing.expires_at, now + expiry_ms))
    )


def _require_open(standing: Standing) -> None:
    if standing.state is not DecisionState.STEP_UP_OPEN:
        message = f"this step-up is not open: the decision is {standing.state.value}"
        raise FailedPreconditionError(message, "STEP_UP_NOT_OPEN")


def _challenge(
    kind: ChallengeKind, now: int, wait_ms: int, reentry_fields: tuple[str, ...]
) -> Challenge:
    return Challenge(
        kind=kind,
        state=ChallengeState.OPEN,
        wait_until=now + wait_ms if kind is ChallengeKind.WAIT else None,
        fields=reentry_fields if kind is ChallengeKind.REENTER_NUMBER else (),
    )
