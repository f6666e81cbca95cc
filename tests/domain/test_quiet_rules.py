"""How near the rules came that did not fire."""

from collections.abc import Mapping, Sequence

from sekisho.domain.decision import ChallengeKind, Judgement, Reason, Verdict
from sekisho.domain.facts import FactValue
from sekisho.domain.policy import Policy, Rule
from sekisho.domain.quiet_rules import Condition, quiet_rules
from tests.domain.test_policy import Results

HELD = Condition("held", ("line.known",), holds=True)
UNMET = Condition("line.locked", ("line.locked",), holds=False)
UNKNOWN = Condition("line.locked && gone", ("line.locked", "line.pin_known"), holds=False)


def rule(code: str) -> Rule:
    return Rule(code=code, expression="-", weight=1, demands=(ChallengeKind.SUPERVISOR,), texts={})


CONDITIONS: Mapping[str, Sequence[Condition]] = {
    "far": [UNMET],
    "fired": [HELD],
    "near": [HELD, HELD, HELD, UNMET],
    "half": [HELD, UNMET, HELD, UNKNOWN],
}
POLICY = Policy(
    version="p@1",
    rules=tuple(rule(code) for code in CONDITIONS),
    threshold=1,
    evaluator=Results([]),
    accepted_documents=frozenset(),
)
FACTS: Mapping[str, FactValue] = {"line.known": True, "line.locked": False}


def judged(version: str = "p@1") -> Judgement:
    return Judgement(
        verdict=Verdict.STEP_UP,
        score=1,
        threshold=1,
        demands=(ChallengeKind.SUPERVISOR,),
        reasons=(Reason("fired", 1, False, (), {}),),
        unevaluated=(),
        policy_version=version,
    )


def conditions(rule: Rule, _facts: Mapping[str, FactValue]) -> Sequence[Condition]:
    return CONDITIONS[rule.code]


def test_the_nearest_rule_comes_first_with_what_it_wanted_for() -> None:
    found = quiet_rules(POLICY, judged(), FACTS, conditions)
    assert [(each.rule.code, each.nearness) for each in found] == [
        ("near", 0.75),
        ("half", 0.5),
        ("far", 0.0),
    ]
    assert found[0].unmet == ("line.locked",)
    assert found[0].facts == {"line.locked": False}


def test_a_fact_that_is_unknown_is_named_without_a_value() -> None:
    half = quiet_rules(POLICY, judged(), FACTS, conditions)[1]
    assert half.unmet == ("line.locked", "line.locked && gone")
    assert half.facts == {"line.locked": False, "line.pin_known": None}


def test_rules_of_another_version_are_not_judged() -> None:
    assert not quiet_rules(POLICY, judged("p@0"), FACTS, conditions)
