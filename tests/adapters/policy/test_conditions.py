"""A rule's conditions, as the policy writes them."""

import random

import pytest

from sekisho.adapters.policy.cel import compile_expression, evaluate_alone
from sekisho.adapters.policy.conditions import conditions, split
from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.decision import ChallengeKind
from sekisho.domain.policy import Rule
from tests.adapters.sql.samples import facts

RULES = load_default_policy().rules


def rule(expression: str) -> Rule:
    return Rule(code="r", expression=expression, demands=(ChallengeKind.SUPERVISOR,), texts={})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ["a"]),
        ("a && b\n  && c", ["a", "b", "c"]),
        ("(a && b) && c", ["a", "b", "c"]),
        ("((a && b))", ["a", "b"]),
        ("(a) && (b)", ["(a)", "(b)"]),
        ("a || b && c", ["a || b && c"]),
        ("(a || b) && c", ["(a || b)", "c"]),
        ("x ? a && b : c", ["x ? a && b : c"]),
        ("!(a && b)", ["!(a && b)"]),
        ('x == "&& (" && b', ['x == "&& ("', "b"]),
        (r'x == "\" && " && b', [r'x == "\" && "', "b"]),
        ("x == r'\\' && b", ["x == r'\\'", "b"]),
        ("x == '''it's && ''' && b", ["x == '''it's && '''", "b"]),
        ("a // && not this\n && b", ["a // && not this", "b"]),
        ('l.exists(x, x == ")" && y) && z', ['l.exists(x, x == ")" && y)', "z"]),
    ],
)
def test_an_expression_is_split_where_all_must_hold(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize("seed", range(5))
def test_a_rule_fires_exactly_when_all_its_conditions_hold(seed: int) -> None:
    rng = random.Random(seed)
    known = {name: value for name, value in facts(rng).items() if rng.random() < 0.9}
    (*results,) = evaluate_alone([compile_expression(each.expression) for each in RULES], known)
    for each, result in zip(RULES, results, strict=True):
        assert all(found.holds for found in conditions(each, known)) == (result is True)


def test_a_condition_tells_which_facts_it_reads() -> None:
    asked = rule("line.locked && velocity.line.tries_10m > 1")
    found = conditions(asked, {"line.locked": True, "velocity.line.tries_10m": 1})
    assert [(each.text, each.facts, each.holds) for each in found] == [
        ("line.locked", ("line.locked",), True),
        ("velocity.line.tries_10m > 1", ("velocity.line.tries_10m",), False),
    ]


def test_a_condition_that_depends_on_an_unknown_fact_does_not_hold() -> None:
    first, second = conditions(rule("line.locked && line.known"), {"line.known": True})
    assert (first.holds, second.holds) == (False, True)


def test_a_part_that_reads_no_fact_is_no_condition_of_its_own() -> None:
    (found,) = conditions(rule("true && line.locked"), {"line.locked": False})
    assert found.text == "true && line.locked"
    assert not found.holds
