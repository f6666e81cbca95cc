import json
from dataclasses import asdict

from sekisho.adapters.policy.explain import explain
from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.facts import FACTS

POLICY = load_default_policy()
EXPLANATION = explain(POLICY)


def test_every_fact_and_every_rule_is_explained_in_its_own_order() -> None:
    assert [fact.name for fact in EXPLANATION.facts] == list(FACTS)
    assert [rule.code for rule in EXPLANATION.rules] == [rule.code for rule in POLICY.rules]
    assert EXPLANATION.version == POLICY.version


def test_a_rule_is_explained_with_its_strength_and_both_texts() -> None:
    rules = {rule.code: rule for rule in EXPLANATION.rules}

    assert rules["line_locked"].strength == "hard"
    assert rules["pin_problem"].strength == "20"
    assert (
        rules["line_locked"].texts
        == POLICY.rules[[rule.code for rule in POLICY.rules].index("line_locked")].texts
    )
    assert rules["chip_unread"].demands == ("read_chip",)


def test_a_fact_names_the_rules_that_read_it() -> None:
    facts = {fact.name: fact for fact in EXPLANATION.facts}

    assert facts["line.locked"].read_by == ("line_locked",)
    assert facts["change.weekday"].read_by == ()
    assert facts["change.kind"].values[0] == "mnp_port_out"


def test_an_explanation_is_plain_data() -> None:
    assert json.loads(json.dumps(asdict(EXPLANATION)))["threshold"] == POLICY.threshold
