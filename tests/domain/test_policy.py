from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from sekisho.domain.decision import (
    ChallengeKind,
    Judgement,
    MissingCause,
    MissingSignal,
    Reason,
    UnevaluatedRule,
    Verdict,
)
from sekisho.domain.facts import FactValue
from sekisho.domain.policy import Policy, Rule, WhenUnknown, hold

AWAY = MissingSignal("velocity", MissingCause.CACHE_UNAVAILABLE)
UNTOLD = MissingSignal("line", MissingCause.NOT_SUPPLIED)
LINE, LINES = "line.locked", "velocity.document.lines_7d"


class Results:
    """An evaluator that knows the results before."""

    def __init__(self, results: Sequence[bool | None]) -> None:
        self._results = results

    def evaluate(self, facts: Mapping[str, FactValue]) -> Sequence[bool | None]:
        return self._results


def hard(*demands: ChallengeKind, facts: tuple[str, ...] = (LINE,)) -> Rule:
    return Rule(
        code="hard_rule",
        expression="-",
        hard=True,
        demands=demands or (ChallengeKind.FRAUD_TEAM,),
        texts={},
        facts=facts,
    )


def weighted(weight: float, *demands: ChallengeKind, facts: tuple[str, ...] = (LINES,)) -> Rule:
    return Rule(
        code=f"weighs_{weight}",
        expression="-",
        weight=weight,
        demands=demands or (ChallengeKind.SUPERVISOR,),
        texts={},
        facts=facts,
    )


def when(rule: Rule, what: WhenUnknown) -> Rule:
    return replace(rule, when_unknown=what)


def judge(
    *rules: tuple[Rule, bool | None],
    facts: Mapping[str, FactValue] | None = None,
    missing: Sequence[MissingSignal] = (),
) -> Judgement:
    policy = Policy(
        version="test@0",
        rules=tuple(rule for rule, _ in rules),
        threshold=100,
        evaluator=Results([result for _, result in rules]),
        accepted_documents=frozenset(),
    )
    return policy.decide(facts or {}, missing)


def test_nothing_fired_and_nothing_unknown_is_an_allow() -> None:
    judgement = judge((hard(), False), (weighted(60), False))

    assert judgement == Judgement(
        verdict=Verdict.ALLOW,
        score=0,
        threshold=100,
        demands=(),
        reasons=(),
        unevaluated=(),
        policy_version="test@0",
    )


def test_a_hard_rule_steps_up_by_itself_and_asks_for_its_own_demands_only() -> None:
    judgement = judge((hard(ChallengeKind.READ_CHIP), True), (weighted(60), True))

    assert judgement.verdict is Verdict.STEP_UP
    assert judgement.demands == (ChallengeKind.READ_CHIP,)
    assert judgement.score == 60


def test_weights_below_the_threshold_allow_and_are_reasons_all_the_same() -> None:
    judgement = judge((weighted(60), True), (weighted(39), True))

    assert judgement.verdict is Verdict.ALLOW
    assert judgement.demands == ()
    assert [reason.code for reason in judgement.reasons] == ["weighs_60", "weighs_39"]


def test_weights_that_reach_the_threshold_step_up_and_ask_for_all_their_demands() -> None:
    judgement = judge(
        (weighted(60, ChallengeKind.SUPERVISOR), True),
        (weighted(40, ChallengeKind.SECOND_DOCUMENT, ChallengeKind.SUPERVISOR), True),
        (weighted(90, ChallengeKind.FRAUD_TEAM), False),
    )

    assert judgement.verdict is Verdict.STEP_UP
    assert judgement.score == 100
    assert judgement.demands == (ChallengeKind.SECOND_DOCUMENT, ChallengeKind.SUPERVISOR)


def test_demands_stand_in_their_fixed_order_and_once() -> None:
    judgement = judge(
        (hard(ChallengeKind.FRAUD_TEAM, ChallengeKind.READ_CHIP), True),
        (hard(ChallengeKind.READ_CHIP, ChallengeKind.REENTER_NUMBER), True),
    )

    assert judgement.demands == (
        ChallengeKind.REENTER_NUMBER,
        ChallengeKind.READ_CHIP,
        ChallengeKind.FRAUD_TEAM,
    )


def test_a_reason_carries_the_values_of_the_facts_it_read_and_that_are_known() -> None:
    judgement = judge(
        (hard(facts=(LINE, LINES)), True),
        facts={LINE: True, "shop.known": True},
    )

    assert judgement.reasons == (
        Reason("hard_rule", 0, True, (ChallengeKind.FRAUD_TEAM,), {LINE: True}),
    )


def test_a_rule_whose_signals_are_missing_for_now_demands_a_retry() -> None:
    judgement = judge((hard(facts=(LINES,)), None), missing=[AWAY])

    assert judgement.verdict is Verdict.STEP_UP
    assert judgement.demands == (ChallengeKind.RETRY,)
    assert judgement.awaits_signals
    assert judgement.reasons == ()
    assert judgement.unevaluated == (UnevaluatedRule("hard_rule", (LINES,), counted=True),)


def test_rules_that_lack_the_same_fact_are_each_reported_and_ask_for_one_retry() -> None:
    judgement = judge((hard(facts=(LINES,)), None), (weighted(10), None), missing=[AWAY])

    assert judgement.demands == (ChallengeKind.RETRY,)
    assert [entry.unknown_facts for entry in judgement.unevaluated] == [(LINES,), (LINES,)]


def test_a_rule_whose_signals_nobody_supplies_demands_what_the_policy_says() -> None:
    judgement = judge((hard(ChallengeKind.READ_CHIP), None), missing=[UNTOLD])

    assert judgement.demands == (ChallengeKind.FRAUD_TEAM,)
    assert not judgement.awaits_signals


def test_an_unknown_fact_that_no_signal_covers_was_not_supplied() -> None:
    judgement = judge((hard(), None), missing=[AWAY])

    assert judgement.demands == (ChallengeKind.FRAUD_TEAM,)


def test_one_signal_that_will_not_come_makes_a_retry_useless_for_the_rule() -> None:
    judgement = judge((hard(facts=(LINES, LINE)), None), missing=[AWAY, UNTOLD])

    assert judgement.demands == (ChallengeKind.FRAUD_TEAM,)
    assert not judgement.awaits_signals


def test_a_rule_that_failed_on_known_facts_is_never_clean_and_no_retry_mends_it() -> None:
    judgement = judge((hard(), None), facts={LINE: True}, missing=[AWAY])

    assert judgement.demands == (ChallengeKind.FRAUD_TEAM,)
    assert judgement.unevaluated == (UnevaluatedRule("hard_rule", (), counted=True),)


def test_a_retry_is_asked_for_only_where_nothing_else_is() -> None:
    judgement = judge((hard(ChallengeKind.READ_CHIP), True), (weighted(10), None), missing=[AWAY])

    assert judgement.demands == (ChallengeKind.READ_CHIP,)
    assert judgement.awaits_signals


def test_a_rule_that_weighs_when_unknown_counts_as_if_it_had_fired() -> None:
    unknown = when(weighted(60), WhenUnknown.WEIGH)

    alone = judge((unknown, None), missing=[AWAY])
    together = judge(
        (unknown, None), (weighted(40, ChallengeKind.SUPERVISOR), True), missing=[AWAY]
    )

    assert (alone.verdict, alone.score, alone.awaits_signals) == (Verdict.ALLOW, 60, False)
    assert alone.unevaluated[0].counted
    assert (together.verdict, together.score) == (Verdict.STEP_UP, 100)
    assert together.demands == (ChallengeKind.SUPERVISOR,)
    assert together.awaits_signals


def test_weighing_unknowns_alone_can_reach_the_threshold() -> None:
    unknown = when(weighted(100), WhenUnknown.WEIGH)

    assert judge((unknown, None), missing=[AWAY]).demands == (ChallengeKind.RETRY,)
    assert judge((unknown, None)).demands == (ChallengeKind.FRAUD_TEAM,)


def test_a_rule_that_only_reports_counts_nothing_even_beside_a_step_up() -> None:
    unknown = when(weighted(100), WhenUnknown.REPORT)

    alone = judge((unknown, None))
    beside = judge((unknown, None), (weighted(100, ChallengeKind.SUPERVISOR), True))

    assert (alone.verdict, alone.score) == (Verdict.ALLOW, 0)
    assert alone.unevaluated == (UnevaluatedRule("weighs_100", (LINES,), counted=False),)
    assert beside.demands == (ChallengeKind.SUPERVISOR,)


def test_what_is_held_is_never_an_allow_and_asks_for_a_retry_where_nothing_else_is_asked() -> None:
    allowed = hold(judge((hard(), False)))
    assert (allowed.verdict, allowed.demands) == (Verdict.STEP_UP, (ChallengeKind.RETRY,))
    assert allowed.awaits_signals
    stepped = hold(judge((hard(ChallengeKind.SUPERVISOR), True)))
    assert (stepped.verdict, stepped.demands) == (Verdict.STEP_UP, (ChallengeKind.SUPERVISOR,))
    assert stepped.awaits_signals


def test_an_evaluator_that_answers_for_other_rules_judges_nothing() -> None:
    policy = Policy(
        version="test@0",
        rules=(hard(), weighted(10)),
        threshold=100,
        evaluator=Results([False]),
        accepted_documents=frozenset(),
    )

    with pytest.raises(ValueError, match="other rules"):
        policy.decide({}, ())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (replace(hard(), demands=()), "demands nothing"),
        (weighted(-1), "negative weight"),
        (when(hard(), WhenUnknown.WEIGH), "no weight to weigh"),
    ],
)
def test_a_rule_that_could_come_to_nothing_is_refused(rule: Rule, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        judge((rule, False))


@pytest.mark.parametrize(("threshold", "expected"), [(0, "threshold"), (100, "missing_demands")])
def test_a_policy_whose_step_up_could_demand_nothing_is_refused(
    threshold: float, expected: str
) -> None:
    with pytest.raises(ValueError, match=expected):
        Policy(
            version="test@0",
            rules=(hard(),),
            threshold=threshold,
            evaluator=Results([False]),
            accepted_documents=frozenset(),
            missing_demands=() if threshold else (ChallengeKind.FRAUD_TEAM,),
        )
