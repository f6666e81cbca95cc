"""An unknown fact is never silently false: shown over random facts on the default policy."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.decision import ChallengeKind, Judgement, MissingCause, MissingSignal, Verdict
from sekisho.domain.facts import FACTS, FactValue
from sekisho.domain.missing import cause_of
from sekisho.domain.policy import Rule, WhenUnknown
from sekisho.domain.velocity import Dimension
from tests.policy.case_table import cases, ordinary_facts

POLICY = load_default_policy()
ORDINARY = ordinary_facts()
CASES = cases()
READ = sorted({name for rule in POLICY.rules for name in rule.facts})
VALUES = {
    name: sorted(
        {
            value
            for c in CASES
            for value in (c.facts.get(name), c.near_miss.get(name))
            if value is not None
        },
        key=str,
    )
    for name in READ
}
"""What each fact is in the analysts' cases: values on both sides of every rule's bounds."""

changes = st.dictionaries(st.sampled_from(READ), st.integers(0, 99), max_size=12).map(
    lambda picks: {name: VALUES[name][pick % len(VALUES[name])] for name, pick in picks.items()}
)
unknown_facts = st.sets(st.sampled_from(READ), max_size=12)
whens = st.lists(
    st.sampled_from(WhenUnknown), min_size=len(POLICY.rules), max_size=len(POLICY.rules)
)


def without(facts: dict[str, FactValue], unknown: set[str]) -> dict[str, FactValue]:
    return {name: value for name, value in facts.items() if name not in unknown}


def fired(judgement: Judgement) -> set[str]:
    return {reason.code for reason in judgement.reasons}


def unevaluated(judgement: Judgement) -> set[str]:
    return {entry.code for entry in judgement.unevaluated}


@given(changes, unknown_facts)
def test_what_steps_up_with_every_fact_known_steps_up_with_some_unknown(
    changed: dict[str, FactValue], unknown: set[str]
) -> None:
    facts = ORDINARY | changed

    complete = POLICY.decide(facts, ())
    partial = POLICY.decide(without(facts, unknown), ())

    if complete.verdict is Verdict.STEP_UP:
        assert partial.verdict is Verdict.STEP_UP


@given(changes, unknown_facts)
def test_a_rule_either_has_the_result_that_all_facts_give_or_is_not_evaluated(
    changed: dict[str, FactValue], unknown: set[str]
) -> None:
    facts = ORDINARY | changed

    complete = POLICY.decide(facts, ())
    partial = POLICY.decide(without(facts, unknown), ())

    assert unevaluated(complete) == set()
    assert fired(partial) <= fired(complete) <= fired(partial) | unevaluated(partial)


@given(changes, unknown_facts, whens)
def test_only_rules_that_just_report_can_be_missed_by_an_allow(
    changed: dict[str, FactValue], unknown: set[str], when_unknown: list[WhenUnknown]
) -> None:
    rules = tuple(
        # A hard rule has no weight to weigh, and a policy that says so is refused.
        replace(rule, when_unknown=WhenUnknown.STEP_UP)
        if rule.hard and when is WhenUnknown.WEIGH
        else replace(rule, when_unknown=when)
        for rule, when in zip(POLICY.rules, when_unknown, strict=True)
    )
    policy = replace(POLICY, rules=rules)
    facts = ORDINARY | changed

    partial = policy.decide(without(facts, unknown), ())
    if partial.verdict is Verdict.STEP_UP:
        return
    reported = {
        rule.code
        for rule in rules
        if rule.code in unevaluated(partial) and rule.when_unknown is WhenUnknown.REPORT
    }
    counted = [r for r in policy.decide(facts, ()).reasons if r.code not in reported]

    assert sum(reason.weight for reason in counted) < policy.threshold
    assert not any(reason.hard for reason in counted)


@given(changes, unknown_facts, st.sampled_from(MissingCause))
def test_a_step_up_always_says_what_resolves_it_and_an_allow_asks_for_nothing(
    changed: dict[str, FactValue], unknown: set[str], cause: MissingCause
) -> None:
    missing = [MissingSignal(name, cause) for name in unknown]
    judgement = POLICY.decide(without(ORDINARY | changed, unknown), missing)

    assert (judgement.verdict is Verdict.STEP_UP) == bool(judgement.demands)
    assert list(judgement.demands) == [k for k in ChallengeKind if k in judgement.demands]
    if ChallengeKind.RETRY in judgement.demands:
        assert judgement.demands == (ChallengeKind.RETRY,)
        assert judgement.awaits_signals


SIGNALS = [
    *("line", "shop", "watchlist"),
    *(f"watchlist.{r}" for r in ("document", "line", "device", "sim", "applicant", "contact")),
    *(f"velocity.{dimension}" for dimension in Dimension),
]


@pytest.mark.parametrize("signal", SIGNALS)
def test_no_signal_can_be_missing_from_an_allow(signal: str) -> None:
    missing = [MissingSignal(signal, MissingCause.CACHE_UNAVAILABLE)]
    known = {name: v for name, v in ORDINARY.items() if not cause_of(name, missing)}

    judgement = POLICY.decide(known, missing)

    assert len(known) < len(FACTS)
    assert judgement.demands == (ChallengeKind.RETRY,)


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_that_trying_again_will_not_bring_goes_to_the_fraud_team(signal: str) -> None:
    missing = [MissingSignal(signal, MissingCause.NOT_SUPPLIED)]
    known = {name: v for name, v in ORDINARY.items() if not cause_of(name, missing)}

    judgement = POLICY.decide(known, missing)

    assert judgement.demands == (ChallengeKind.FRAUD_TEAM,)
    assert not judgement.awaits_signals


@given(changes, st.sampled_from(["sim_reissue", "esim_reissue", "device_change"]))
def test_a_brand_migration_is_judged_no_laxer_than_a_reissue(
    changed: dict[str, FactValue], kind: str
) -> None:
    facts = ORDINARY | changed

    reissue = POLICY.decide({**facts, "change.kind": kind}, ())
    migration = POLICY.decide({**facts, "change.kind": "brand_migration"}, ())

    assert fired(reissue) <= fired(migration)


@pytest.mark.parametrize(
    ("index", "rule"), list(enumerate(POLICY.rules)), ids=[rule.code for rule in POLICY.rules]
)
def test_every_fact_that_a_rule_reads_can_decide_it(index: int, rule: Rule) -> None:
    def results(facts: Mapping[str, FactValue], name: str) -> set[bool | None]:
        evaluate = POLICY.evaluator.evaluate
        return {evaluate({**ORDINARY, **facts, name: v})[index] for v in VALUES[name]}

    idle = [
        name
        for name in rule.facts
        if not any(results(case.facts, name) == {False, True} for case in CASES)
    ]

    assert idle == []
