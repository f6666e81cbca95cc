import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import FACTS
from sekisho.domain.missing import cause_of

AWAY, SKEWED, UNTOLD = (
    MissingCause.CACHE_UNAVAILABLE,
    MissingCause.CACHE_SKEWED,
    MissingCause.NOT_SUPPLIED,
)


@pytest.mark.parametrize(
    "signal",
    [
        "velocity",
        "velocity.document",
        "velocity.document.lines_90d",
        "velocity.document.*_90d",
        "velocity.*",
        "*_90d",
    ],
)
def test_a_signal_covers_its_own_fact_those_below_it_and_those_of_its_pattern(
    signal: str,
) -> None:
    assert cause_of("velocity.document.lines_90d", [MissingSignal(signal, AWAY)]) is AWAY


@pytest.mark.parametrize(
    "signal",
    [
        "watchlist",
        "velocity.doc",
        "velocity.document.lines_9",
        "velocity.document.*_7d",
        "velocity.line.*_90d",
        "velocity.document.lines_90d*_90d",
        "velocity.document.lines_90d.more",
    ],
)
def test_a_signal_covers_no_other_fact(signal: str) -> None:
    assert cause_of("velocity.document.lines_90d", [MissingSignal(signal, AWAY)]) is None


def test_of_several_signals_the_longest_speaks() -> None:
    missing = [
        MissingSignal("line", AWAY),
        MissingSignal("line.current_sim_on_network", UNTOLD),
        MissingSignal("velocity", SKEWED),
    ]

    assert cause_of("line.current_sim_on_network", missing) is UNTOLD
    assert cause_of("line.locked", missing) is AWAY


@pytest.mark.parametrize(
    ("fact", "signal"),
    [
        ("document.superseded", "velocity.document"),
        ("document.reissue_raised", "velocity"),
        ("line.seconds_since_sim_change", "velocity.line"),
        ("line.seconds_since_sim_change", "line"),
    ],
)
def test_a_fact_that_counts_tell_is_unknown_for_their_causes(fact: str, signal: str) -> None:
    assert cause_of(fact, [MissingSignal(signal, AWAY)]) is AWAY


def test_a_fact_of_its_own_is_not_unknown_for_the_counts() -> None:
    assert cause_of("document.expired", [MissingSignal("velocity.document", AWAY)]) is None
    assert cause_of("line.locked", [MissingSignal("velocity.line", AWAY)]) is None


def test_nothing_missing_is_no_cause() -> None:
    assert cause_of("line.locked", ()) is None


@given(st.sampled_from(sorted(FACTS)))
def test_every_fact_is_covered_by_each_of_its_namespaces(fact: str) -> None:
    parts = fact.split(".")
    for length in range(1, len(parts) + 1):
        assert cause_of(fact, [MissingSignal(".".join(parts[:length]), AWAY)]) is AWAY
