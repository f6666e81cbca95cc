import pytest

from sekisho.adapters.policy.cel import ExpressionError, compile_expression, evaluate_alone
from sekisho.adapters.policy.cel_faults import Fault
from sekisho.domain.facts import FactValue


def faults(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    return [(fault.line, fault.column, fault.message) for fault in caught.value.faults]


def evaluate(text: str, facts: dict[str, FactValue]) -> bool | str:
    [result] = evaluate_alone([compile_expression(text)], facts)
    return result


def test_an_expression_reads_facts_by_their_own_names_in_the_order_of_declaration() -> None:
    expression = compile_expression("velocity.line.tries_24h > 3 && line.locked")

    assert expression.facts == ("line.locked", "velocity.line.tries_24h")


def test_a_comprehensions_variable_and_a_word_in_a_string_are_no_facts() -> None:
    text = 'document.types.exists(line, line == "shop.known" && size(line) > 2)'

    assert compile_expression(text).facts == ("document.types",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "velocity.clerk.tries_1x > 1",
            (1, 1, "no fact `velocity.clerk.tries_1x`; did you mean `velocity.clerk.tries_1h`?"),
        ),
        (
            "line.locked\n  && lime.locked",
            (2, 6, "no fact `lime.locked`; did you mean `line.locked`?"),
        ),
        ('"あ" == change.kind || zzz', (1, 23, "no fact `zzz`")),
        ("line.locked && isOdd(change.hour)", (1, 16, "no function `isOdd`")),
        ("change.hour > 2.5", (1, 13, "`>` does not take (int, double)")),
        ("line.locked && change.hour", (1, 13, "`&&` does not take (bool, int)")),
        ("change.hour", (1, 1, "the result is int, and must be bool")),
        ("1 < 2", (1, 1, "the expression reads no fact")),
        ("line. locked", (1, 5, "write `line.locked` in one piece")),
        ("line", (1, 1, "no fact `line`")),
    ],
)
def test_a_fault_names_what_is_wrong_and_where(text: str, expected: tuple[int, int, str]) -> None:
    assert faults(text) == [expected]


def test_every_fault_is_told_at_once() -> None:
    text = "line.loked || shop.knwon || change.hour > 2.0"

    assert [column for _, column, _ in faults(text)] == [1, 15, 41]


def test_a_syntax_error_is_told_in_cels_words() -> None:
    [(line, column, message)] = faults("line.locked &&")

    assert (line, column) == (1, 15)
    assert message.startswith("Syntax error")


def test_an_error_without_a_place_is_told_at_the_start() -> None:
    [(line, column, message)] = faults("(" * 2000 + "line.locked" + ")" * 2000)

    assert (line, column) == (1, 1)
    assert "limit" in message


def test_the_error_itself_says_all_faults_in_one_text() -> None:
    with pytest.raises(ExpressionError, match="no fact `a`; no fact `b`"):
        compile_expression("a || b")


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("line.locked", {"line.locked": True}, True),
        ("line.locked", {"line.locked": False}, False),
        ("line.locked || shop.known", {"line.locked": True}, True),
        ("line.locked || shop.known", {"shop.known": True}, True),
        ("line.locked && shop.known", {"shop.known": False}, False),
        ('"passport" in document.types', {"document.types": ("passport",)}, True),
        ("shop.usual_tries_24h > 1.5", {"shop.usual_tries_24h": 2.0}, True),
    ],
)
def test_what_the_known_facts_settle_is_settled(
    text: str, facts: dict[str, FactValue], expected: bool
) -> None:
    assert evaluate(text, facts) is expected


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("line.locked", {}),
        ("line.locked || shop.known", {"shop.known": False}),
        ("line.locked && shop.known", {"line.locked": True}),
        ("!line.locked", {}),
        ("line.locked ? false : true", {}),
        ("change.hour > 2", {"change.hour": "late"}),
    ],
)
def test_what_depends_on_an_unknown_or_mistyped_fact_is_an_error_and_never_a_truth(
    text: str, facts: dict[str, FactValue]
) -> None:
    assert isinstance(evaluate(text, facts), str)


def test_a_fault_at_an_offset_counts_lines_and_characters() -> None:
    assert Fault.at("ab\ncd", 0, "x") == Fault(1, 1, "x")
    assert Fault.at("ab\ncd", 4, "x") == Fault(2, 2, "x")
