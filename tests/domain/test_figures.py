"""Figures: one beside its peers, and how right the rules are."""

import random
from statistics import median

import pytest

from sekisho.domain.figures import Counted, Counts, beside_peers, rules_of
from sekisho.domain.review import Disposition


def counted(shop: str, decisions: int, step_ups: int = 0, overrides: int = 0) -> Counted:
    return Counted(shop, Counts(decisions=decisions, step_ups=step_ups, overrides=overrides))


def test_one_is_measured_by_the_median_of_the_others_and_not_by_itself() -> None:
    found = beside_peers(
        [counted("a", 10, 8), counted("b", 10, 2), counted("c", 10, 1), counted("d", 10, 3)], 10
    )
    relative = {each.counted.shop: each.relative_step_ups for each in found}
    assert relative == pytest.approx({"a": 4.0, "d": 1.5, "b": 0.2 / 0.3, "c": 0.1 / 0.3})
    assert [each.counted.shop for each in found] == ["a", "d", "b", "c"]


def test_an_override_is_counted_with_one_more_on_both_sides() -> None:
    small, large = counted("a", 1, overrides=1), counted("b", 99, overrides=9)
    found = {each.counted.shop: each.relative_overrides for each in beside_peers([small, large], 9)}
    assert found == pytest.approx({"a": 10.0, "b": 0.1})


def test_one_alone_and_one_whose_peers_never_step_up_have_no_relative_rate() -> None:
    (alone,) = beside_peers([counted("a", 10, 5)], 10)
    assert (alone.relative_step_ups, alone.relative_overrides) == (None, None)
    never = [counted(shop, 10) for shop in "bcd"]
    found = beside_peers([*never, counted("e", 10, 1)], 10)
    assert {each.relative_step_ups for each in found} == {None}
    assert found[0].counted.shop == "e"


def test_only_so_many_are_returned() -> None:
    many = [counted(f"s{number:03}", 10, number % 7) for number in range(50)]
    assert len(beside_peers(many, 20)) == 20
    assert not beside_peers([], 20)


@pytest.mark.parametrize("seed", range(20))
def test_the_median_of_the_others_is_what_leaving_one_out_gives(seed: int) -> None:
    rng = random.Random(seed)
    every = [
        counted(str(number), 10, rng.randrange(1, 6)) for number in range(rng.randrange(2, 12))
    ]
    for each in beside_peers(every, 100):
        others = [e.counts.step_ups / 10 for e in every if e.shop != each.counted.shop]
        assert each.relative_step_ups == pytest.approx(
            each.counted.counts.step_ups / 10 / median(others)
        )


def test_a_rule_s_precision_is_of_those_of_which_it_is_known() -> None:
    rules = rules_of(
        [
            (" a b ", Disposition.CONFIRMED_FRAUD, 3),
            (" a ", Disposition.SUSPECTED, 1),
            (" a c ", Disposition.LEGITIMATE, 4),
            (" c ", Disposition.UNDETERMINED, 9),
            (" d ", None, 8),
        ]
    )
    assert [(rule.code, rule.fired, rule.fraud, rule.legitimate) for rule in rules] == [
        ("c", 13, 0, 4),
        ("a", 8, 4, 4),
        ("d", 8, 0, 0),
        ("b", 3, 3, 0),
    ]
    assert [rule.precision for rule in rules] == [0.0, 0.5, None, 1.0]
