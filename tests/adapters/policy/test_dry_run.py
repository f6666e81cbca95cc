import pytest

from sekisho.adapters.policy.cel import compile_expression
from sekisho.adapters.policy.dry_run import dry_run


def messages(text: str) -> list[str]:
    return [fault.message for fault in dry_run(compile_expression(text))]


@pytest.mark.parametrize("text", ["line.locked || true", "line.locked && false"])
def test_a_result_that_no_fact_can_change_is_a_fault(text: str) -> None:
    assert messages(text) == ["the result is the same whatever the facts are"]


@pytest.mark.parametrize(
    "text",
    [
        'shop.prefecture.matches("[")',
        '!line.locked && shop.prefecture.matches("[")',
        'line.locked && shop.known && document.types.exists(t, t.matches("["))',
    ],
)
def test_a_bad_regular_expression_is_found_behind_other_conditions(text: str) -> None:
    [message] = messages(text)

    assert "invalid regular expression" in message
    assert message.startswith("cannot be evaluated with ")


def test_a_division_by_a_fact_that_can_be_zero_is_found() -> None:
    [message] = messages("10 / velocity.line.tries_24h > 3")

    assert "velocity.line.tries_24h = 0: " in message
    assert "divide by zero" in message


def test_a_text_that_the_fact_never_holds_is_found_where_it_stands() -> None:
    [fault] = dry_run(compile_expression('line.locked\n  && change.kind == "port_out"'))

    assert (fault.line, fault.column) == (2, 21)
    assert fault.message == (
        '"port_out" is no value of `change.kind`; did you mean `mnp_port_out`?'
    )


@pytest.mark.parametrize(
    "text",
    [
        'change.kind == "mnp_port_out"',
        "'lost' == change.cause || \"passport\" in document.types",
        'change.kind.startsWith("mnp")',
        'shop.prefecture == "JP-13" || change.kind == "sim_reissue"',
        "line.seconds_since_sim_change < 600",
        "velocity.line.tries_24h > " + " + ".join(["velocity.document.lines_7d"] * 3),
    ],
)
def test_a_sound_expression_has_no_fault(text: str) -> None:
    assert messages(text) == []


def test_a_rule_over_many_facts_is_tried_in_bounded_time() -> None:
    flags = ["shop.known", "line.locked", "line.known", "document.expired", "document.accepted"]
    counts = [f"velocity.line.tries_{window} > 2" for window in ("10m", "1h", "24h", "7d", "30d")]
    more = [f"velocity.document.tries_{window} > 2" for window in ("10m", "1h", "24h", "7d")]

    assert messages(" || ".join([*flags, *counts, *more])) == []
