from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.policy.cel import compile_expression, evaluate_alone
from sekisho.adapters.policy.cel_evaluator import CelEvaluator
from sekisho.domain.facts import FactValue

TEXTS = [
    "line.locked",
    "line.locked || shop.known // a comment at its end",
    'document.types.exists(line, line == "line.locked") || line.locked',
    '"passport" in document.types && !shop.known',
    "velocity.line.tries_24h > 3 && line.holder != 'corporate'",
    "double(velocity.line.tries_24h) > 2.0 * shop.usual_tries_24h",
    "10 / velocity.line.tries_24h > 3",
    '"あ" != line.holder && velocity.line.tries_24h == velocity.line.tries_24h',
    "signals.missing == document.types",
]
EXPRESSIONS = [compile_expression(text) for text in TEXTS]
EVALUATOR = CelEvaluator(EXPRESSIONS)

facts = st.fixed_dictionaries(
    {},
    optional={
        "line.locked": st.booleans(),
        "shop.known": st.booleans(),
        "document.types": st.sampled_from([(), ("passport",), ("line.locked", "passport")]),
        "signals.missing": st.sampled_from([(), ("passport",)]),
        "velocity.line.tries_24h": st.integers(0, 5),
        "shop.usual_tries_24h": st.sampled_from([0.0, 1.0, 2]),
        "line.holder": st.sampled_from(["consumer", "corporate"]),
        "change.hour": st.integers(0, 23),
    },
)


@given(facts)
def test_all_at_once_gives_what_each_gives_alone(known: dict[str, FactValue]) -> None:
    alone = [evaluate_alone([expression], known)[0] for expression in EXPRESSIONS]

    assert EVALUATOR.evaluate(known) == [
        result if isinstance(result, bool) else None for result in alone
    ]


def test_one_rule_over_one_fact_is_enough() -> None:
    evaluator = CelEvaluator([compile_expression("shop.known")])

    assert evaluator.evaluate({"shop.known": True}) == [True]
    assert evaluator.evaluate({}) == [None]


def test_a_value_that_is_not_of_its_facts_type_settles_nothing() -> None:
    evaluator = CelEvaluator([compile_expression("change.hour > 2"), EXPRESSIONS[0]])

    assert evaluator.evaluate({"change.hour": "late", "line.locked": True}) == [None, True]
    assert evaluator.evaluate({"change.hour": "late"}) == [None, None]


def test_a_rule_that_fails_on_known_facts_is_not_evaluated_and_the_others_are() -> None:
    evaluator = CelEvaluator([EXPRESSIONS[6], EXPRESSIONS[0], compile_expression("shop.known")])

    assert evaluator.evaluate(
        {"velocity.line.tries_24h": 0, "line.locked": False, "shop.known": True}
    ) == [None, False, True]
    assert evaluator.evaluate({"velocity.line.tries_24h": 0, "line.locked": True}) == [
        None,
        True,
        None,
    ]
