"""Velocity facts: known only where the window is covered."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sekisho.application.ports.cache import KeyCounts, Try
from sekisho.application.velocity_facts import velocity_facts
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import FACTS, NEVER_SECONDS
from sekisho.domain.velocity import DAY_MS, HOUR_MS, WINDOWS, Attribute, Dimension, Mark

NOW = 1_780_000_000_000
ALL = len(WINDOWS)
VELOCITY = {name for name in FACTS if name.startswith("velocity.")}


def counts(dimension: Dimension, covered_from: int | None = 0, value: int = 1) -> KeyCounts:
    row = (value,) * ALL
    return KeyCounts(
        dimension=dimension,
        tries=row,
        distinct=dict.fromkeys(Attribute, row),
        marks=dict.fromkeys(Mark, row),
        open_step_ups=value,
        last_failure_at=None,
        last_completed_at=None,
        highest_reissue=None,
        covered_from=covered_from,
    )


def attempt(*dimensions: Dimension) -> Try:
    return Try(b"t" * 8, NOW, tuple((d, bytes([i]) * 16) for i, d in enumerate(dimensions)), {})


def test_every_velocity_fact_is_known_when_everything_is_covered() -> None:
    facts, missing = velocity_facts(attempt(*Dimension), [counts(d) for d in Dimension], NOW)
    assert set(facts) == VELOCITY
    assert missing == []


def test_a_dimension_that_the_request_does_not_have_counts_nothing() -> None:
    facts, missing = velocity_facts(attempt(Dimension.LINE), [counts(Dimension.LINE)], NOW)
    assert facts["velocity.device.lines_24h"] == 0
    assert set(facts) == VELOCITY
    assert missing == []


def test_a_window_longer_than_what_is_covered_is_unknown_and_shorter_ones_are_not() -> None:
    line = counts(Dimension.LINE, covered_from=NOW - DAY_MS)
    facts, missing = velocity_facts(attempt(Dimension.LINE), [line], NOW)
    assert facts["velocity.line.tries_24h"] == 1
    assert "velocity.line.tries_7d" not in facts
    assert "velocity.line.open_step_ups" not in facts
    assert missing == [MissingSignal("velocity.line", MissingCause.NOT_COVERED)]


def test_one_millisecond_too_little_is_not_covered() -> None:
    line = counts(Dimension.LINE, covered_from=NOW - DAY_MS + 1)
    facts, _ = velocity_facts(attempt(Dimension.LINE), [line], NOW)
    assert "velocity.line.tries_24h" not in facts
    assert "velocity.line.tries_1h" in facts


def test_a_key_behind_the_ledger_says_nothing() -> None:
    line = counts(Dimension.LINE, covered_from=None)
    facts, missing = velocity_facts(attempt(Dimension.LINE), [line], NOW)
    assert not any(name.startswith("velocity.line.") for name in facts)
    assert missing == [MissingSignal("velocity.line", MissingCause.BEHIND_LEDGER)]


def test_of_two_documents_the_higher_count_is_the_fact() -> None:
    both = [counts(Dimension.DOCUMENT, value=2), counts(Dimension.DOCUMENT, value=5)]
    facts, _ = velocity_facts(attempt(Dimension.DOCUMENT, Dimension.DOCUMENT), both, NOW)
    assert facts["velocity.document.lines_7d"] == 5


def test_a_window_known_for_one_document_only_is_not_known() -> None:
    both = [
        counts(Dimension.DOCUMENT, value=2),
        counts(Dimension.DOCUMENT, covered_from=NOW - HOUR_MS, value=5),
    ]
    for order in (both, both[::-1]):
        facts, missing = velocity_facts(attempt(Dimension.DOCUMENT), order, NOW)
        assert facts["velocity.document.tries_1h"] == 5
        assert "velocity.document.tries_24h" not in facts
        assert missing == [MissingSignal("velocity.document", MissingCause.NOT_COVERED)]


def test_a_key_that_could_not_be_read_leaves_its_facts_out() -> None:
    facts, _ = velocity_facts(attempt(Dimension.LINE), [], NOW)
    assert not any(name.startswith("velocity.line.") for name in facts)


def test_seconds_since_a_failure_count_from_the_last_one() -> None:
    line = replace(counts(Dimension.LINE), last_failure_at=NOW - 90_500)
    facts, _ = velocity_facts(attempt(Dimension.LINE), [line], NOW)
    assert facts["velocity.line.seconds_since_failure"] == 90
    never, _ = velocity_facts(attempt(Dimension.LINE), [counts(Dimension.LINE)], NOW)
    assert never["velocity.line.seconds_since_failure"] == NEVER_SECONDS


@given(covered_from=st.one_of(st.none(), st.integers(NOW - 100 * DAY_MS, NOW), st.just(0)))
def test_no_fact_is_known_whose_window_reaches_behind_the_cover(covered_from: int | None) -> None:
    facts, _ = velocity_facts(
        attempt(Dimension.CLERK), [counts(Dimension.CLERK, covered_from)], NOW
    )
    windows: Mapping[str, int] = WINDOWS
    for name in VELOCITY:
        if not name.startswith("velocity.clerk."):
            continue
        span = windows[name.rsplit("_", 1)[1]]
        known = covered_from is not None and covered_from <= NOW - span
        assert (name in facts) == known, name


@given(
    st.sampled_from(Dimension),
    st.frozensets(st.sampled_from(Attribute)),
    st.sampled_from([None, 0, NOW - DAY_MS, NOW - 400 * DAY_MS]),
)
def test_who_comes_alone_has_the_facts_that_his_counts_say(
    dimension: Dimension, present: frozenset[Attribute], covered_from: int | None
) -> None:
    made = replace(attempt(dimension), attributes=dict.fromkeys(present, b"a" * 16))
    never = counts(dimension, covered_from, value=0)
    once = replace(
        never,
        tries=(1,) * ALL,
        distinct={a: (int(a in present),) * ALL for a in Attribute},
    )
    assert velocity_facts(made, [replace(once, alone=True)], NOW) == velocity_facts(
        made, [once], NOW
    )
