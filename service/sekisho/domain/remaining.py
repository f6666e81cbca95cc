"""What a step-up still needs after evidence."""

from sekisho.domain.decision import ChallengeKind, Judgement

SPEAKS_FOR_ITSELF = frozenset({ChallengeKind.RETRY, ChallengeKind.REENTER_NUMBER})
"""Challenges that no evidence satisfies: the facts of the next judgement do, or do not."""


def remaining(
    judgement: Judgement, satisfied: frozenset[ChallengeKind]
) -> tuple[ChallengeKind, ...]:
    """Return what is still asked, when `judgement` was made anew with the evidence in it.

    A demand is gone when evidence satisfied it, except those that speak for themselves: a
    number entered again and still wrong is demanded as before. RETRY is
    asked last, while counted rules wait for signals that observing again may bring. Empty
    means that the change may go on.
    """
    answered = satisfied - SPEAKS_FOR_ITSELF
    left = tuple(
        kind
        for kind in judgement.demands
        if kind not in answered and kind is not ChallengeKind.RETRY
    )
    if left:
        return left
    return (ChallengeKind.RETRY,) if judgement.awaits_signals else ()
