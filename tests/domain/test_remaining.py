from sekisho.domain.decision import ChallengeKind, Judgement, Verdict
from sekisho.domain.remaining import remaining

RETRY, NUMBER, CHIP, SECOND, SUPERVISOR = (
    ChallengeKind.RETRY,
    ChallengeKind.REENTER_NUMBER,
    ChallengeKind.READ_CHIP,
    ChallengeKind.SECOND_DOCUMENT,
    ChallengeKind.SUPERVISOR,
)


def judgement(*demands: ChallengeKind, awaits_signals: bool = False) -> Judgement:
    return Judgement(
        verdict=Verdict.STEP_UP if demands else Verdict.ALLOW,
        score=0,
        threshold=100,
        demands=demands,
        reasons=(),
        unevaluated=(),
        policy_version="test@0",
        awaits_signals=awaits_signals,
    )


def test_what_evidence_satisfied_is_not_asked_again() -> None:
    assert remaining(judgement(SECOND, SUPERVISOR), frozenset({SECOND})) == (SUPERVISOR,)
    assert remaining(judgement(SECOND), frozenset({SECOND})) == ()


def test_an_allow_leaves_nothing() -> None:
    assert remaining(judgement(), frozenset({SUPERVISOR})) == ()


def test_a_number_still_wrong_is_asked_again_whatever_was_said() -> None:
    assert remaining(judgement(NUMBER, CHIP), frozenset({NUMBER, CHIP})) == (NUMBER,)


def test_signals_still_missing_ask_for_another_retry() -> None:
    waiting = judgement(RETRY, awaits_signals=True)

    assert remaining(waiting, frozenset({RETRY})) == (RETRY,)


def test_a_retry_comes_after_everything_else() -> None:
    waiting = judgement(SUPERVISOR, awaits_signals=True)

    assert remaining(waiting, frozenset()) == (SUPERVISOR,)
    assert remaining(waiting, frozenset({SUPERVISOR})) == (RETRY,)
