import pytest

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.decision import Judgement
from sekisho.domain.facts import FACTS, Fact, FactType, FactValue
from tests.policy.case_table import Case, cases, ordinary_facts

POLICY = load_default_policy()
CASES = cases()
NEAR_MISSES = [case for case in CASES if case.near_miss]

PATTERNS = {
    "forged card read by eye only",
    "the same card on several lines",
    "the same face data on several lines",
    "the same SIM on several lines",
    "the same device on several lines",
    "the same contact on several lines",
    "shop hopping after a failure",
    "try again until it passes",
    "far from home, lost phone, old SIM still on the network",
    "contact changed just before",
    "address changed just before",
    "PIN changed just before",
    "password changed just before",
    "SIM change, then a quick port-out",
    "brand migration as a side door",
    "bribed or hijacked clerk: rate",
    "bribed or hijacked clerk: overrides",
    "bribed or hijacked clerk: off shift",
    "bribed or hijacked clerk: terminal not of this shop",
    "burst on one terminal",
    "document number seen before with another birth date",
    "superseded card",
    "locked line",
}
CUSTOMERS = {
    "lost phone with a good chip read",
    "families with one contact",
    "corporate lines",
    "a forgotten PIN",
    "a reader that failed once",
    "a move of house last month",
}


def fired(judgement: Judgement) -> set[str]:
    return {reason.code for reason in judgement.reasons}


def by_name(case: Case) -> str:
    return case.name


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_a_case_is_decided_as_written(case: Case) -> None:
    judgement = POLICY.decide(case.facts, case.missing)

    assert fired(judgement) == set(case.rules)
    assert judgement.verdict == case.verdict
    assert judgement.demands == case.demands


@pytest.mark.parametrize("case", NEAR_MISSES, ids=by_name)
def test_a_near_miss_differs_in_one_fact_and_does_not_fire_the_rule(case: Case) -> None:
    [(name, value)] = case.near_miss.items()
    judgement = POLICY.decide(case.near_facts, case.missing)

    assert case.facts[name] != value
    assert case.rules[0] in fired(POLICY.decide(case.facts, case.missing))
    assert case.rules[0] not in fired(judgement)
    assert judgement.verdict == case.near_miss_verdict


@pytest.mark.parametrize("case", [case for case in CASES if case.pattern], ids=by_name)
def test_an_attack_steps_up_and_has_a_near_miss(case: Case) -> None:
    assert case.verdict == "step_up"
    assert case.near_miss or case.missing


@pytest.mark.parametrize("case", [case for case in CASES if case.customer], ids=by_name)
def test_an_ordinary_customer_passes(case: Case) -> None:
    assert case.verdict == "allow"


def test_every_attack_pattern_of_the_design_has_a_case_with_a_near_miss() -> None:
    assert {case.pattern for case in NEAR_MISSES if case.pattern} == PATTERNS


def test_every_ordinary_customer_of_the_design_has_a_case() -> None:
    assert {case.customer for case in CASES if case.customer} == CUSTOMERS


def test_every_rule_is_fired_by_a_case_and_missed_by_its_near_miss() -> None:
    assert {case.rules[0] for case in NEAR_MISSES} == {rule.code for rule in POLICY.rules}


def test_no_two_cases_have_one_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_an_ordinary_request_has_no_unknown_fact() -> None:
    assert ordinary_facts().keys() == FACTS.keys()


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_every_value_in_a_case_is_of_its_facts_type(case: Case) -> None:
    mistyped = [
        name
        for name, value in {**case.facts, **case.near_miss}.items()
        if not fits(FACTS[name], value)
    ]

    assert mistyped == []


def test_an_ordinary_request_fires_nothing_and_lacks_nothing() -> None:
    judgement = POLICY.decide(ordinary_facts(), ())

    assert (judgement.verdict, judgement.score, judgement.reasons) == ("allow", 0, ())
    assert judgement.unevaluated == ()


def fits(fact: Fact, value: FactValue) -> bool:
    match fact.type:
        case FactType.BOOL:
            return isinstance(value, bool)
        case FactType.INT:
            return isinstance(value, int) and not isinstance(value, bool)
        case FactType.DOUBLE:
            return isinstance(value, float)
        case FactType.STRING:
            return isinstance(value, str) and value in (fact.values or (value,))
        case FactType.STRINGS:
            return isinstance(value, tuple) and set(value) <= set(fact.values or value)
