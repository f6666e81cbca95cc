"""What the commands print of messages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console, RenderableType

from sekisho.cli import case_view, decision_view, moments
from sekisho.domain.facts import NEVER_SECONDS
from sekisho.v1.decision_pb2 import Challenge, ChallengeKind, Decision, Verdict
from sekisho.v1.review_pb2 import (
    Case,
    CaseEvent,
    Fact,
    MaskedIdentifier,
    MissingSignal,
    Reason,
    StringList,
    UnevaluatedRule,
    WatchlistHit,
)
from sekisho.v1.sim_change_pb2 import SimChange

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def printed(renderable: RenderableType) -> str:
    console = Console(width=200, record=True, file=None, quiet=False, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return re.sub(r" +", " ", capture.get())


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def decision(**fields: object) -> Decision:
    made = Decision(
        name="decisions/0199aaaa-0000-7000-8000-000000000000",
        verdict=Verdict.VERDICT_STEP_UP,
        state=Decision.STATE_STEP_UP_OPEN,
        case_number="7K2M9QXA",
        instruction="Ask the customer.",
        attempts_left=3,
        challenges=[
            Challenge(
                kind=ChallengeKind.CHALLENGE_KIND_REENTER_NUMBER,
                state=Challenge.STATE_OPEN,
                instruction="Enter it again [sic].",
                fields=["sim_change.documents[0].number"],
            )
        ],
    )
    made.decide_time.CopyFrom(stamp(NOW))
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def test_a_decision_shows_what_to_do_next() -> None:
    shown = printed(decision_view.shown(decision(degraded=True)))
    for part in (
        "STEP_UP",
        "Ask the customer.",
        "7K2M9QXA",
        "STEP_UP_OPEN (degraded)",
        "2026-11-23 12:00:00 JST",
        "REENTER_NUMBER OPEN Enter it again [sic]. [sim_change.documents[0].number]",
        "attempts left 3",
    ):
        assert part in shown


@pytest.mark.parametrize("unknown", [0, 99])
def test_a_verdict_that_is_not_known_is_to_be_treated_as_step_up(unknown: int) -> None:
    made = decision()
    made.verdict = unknown  # type: ignore[assignment]
    shown = printed(decision_view.verdict(made))
    assert "treat as STEP_UP" in shown
    assert "ALLOW" not in shown


def test_states_and_challenges_that_are_not_known_are_numbers() -> None:
    assert decision_view.state(99) == "STATE 99"  # type: ignore[arg-type]
    assert decision_view.challenge_kind(99) == "CHALLENGE 99"  # type: ignore[arg-type]


def test_a_case_tells_all_that_led_to_it() -> None:
    fact = Fact(name="velocity.document.lines_7d", int_value=2)
    case = Case(
        decision=decision(),
        shop="nagoya-sakae",
        terminal="t1",
        kind=SimChange.KIND_SIM_REISSUE,
        cause=SimChange.CAUSE_LOST,
        identifiers=[MaskedIdentifier(role="line", masked="••••5678", fingerprint="ab12")],
        facts=[fact, Fact(name="document.expired", bool_value=False)],
        reasons=[
            Reason(
                code="document_on_lines",
                text="The card was shown for several lines.",
                weight=60,
                demands=[ChallengeKind.CHALLENGE_KIND_READ_CHIP],
                facts=[fact],
            ),
            Reason(code="forged", text="Forged.", hard=True),
        ],
        unevaluated_rules=[UnevaluatedRule(code="far", unknown_facts=["line.known"], counted=True)],
        missing_signals=[MissingSignal(signal="line", cause="cache_unavailable")],
        watchlist_hits=[
            WatchlistHit(watchlist="watchlists/ofac", role="document", source="OFAC SDN", weak=True)
        ],
        score=160,
        threshold=100,
        policy_version="default@1234",
        watchlist_versions=["ofac@3"],
        events=[CaseEvent(event_time=stamp(NOW), kind="evidence", actor="a/b", summary="chip")],
        timings_us={"total": 2500},
    )
    shown = printed(case_view.shown(case))
    for part in (
        "sim reissue, lost at nagoya-sakae / t1",
        "Reasons: score 160, step-up from 100",
        "document_on_lines 60 The card was shown for several lines.",
        "velocity.document.lines_7d = 2",
        "demands READ_CHIP",
        "forged hard Forged.",
        "far line.known yes",
        "line cache_unavailable",
        "ofac document (weak) OFAC SDN",
        "line ••••5678 ab12",
        "evidence a/b chip",
        "default@1234",
        "ofac@3",
        "total 2.5 ms",
    ):
        assert part in shown
    assert "document.expired" not in shown
    assert "document.expired false" in printed(case_view.shown(case, all_facts=True))
    assert "no rule fired" in printed(case_view.shown(Case(decision=decision())))


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (Fact(), "unknown"),
        (Fact(bool_value=False), "false"),
        (Fact(bool_value=True), "true"),
        (Fact(int_value=0), "0"),
        (Fact(name="line.seconds_since_loss_report", int_value=NEVER_SECONDS), "never"),
        (Fact(double_value=2.5), "2.5"),
        (Fact(string_value=""), '""'),
        (Fact(string_value="lost"), "lost"),
        (Fact(list_value=StringList()), "none"),
        (Fact(list_value=StringList(values=["a", "b"])), "a, b"),
    ],
)
def test_a_fact_without_a_value_is_unknown_and_never_false(fact: Fact, expected: str) -> None:
    assert case_view.fact_value(fact) == expected


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=59), "in 59 s"),
        (timedelta(minutes=-29), "29 min ago"),
        (timedelta(hours=47), "in 1 d"),
        (timedelta(hours=-23), "23 h ago"),
    ],
)
def test_distances_are_told_in_their_largest_unit(apart: timedelta, expected: str) -> None:
    assert moments.distance(NOW + apart, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-03-31", "2027-03-30T15:00:00Z"),
        ("2027-03-31T18:00", "2027-03-31T09:00:00Z"),
        ("2027-03-31T18:00Z", "2027-03-31T18:00:00Z"),
        (" 2027-03-31T18:00:00.5+02:00", "2027-03-31T16:00:00.500Z"),
    ],
)
def test_moments_are_japans_unless_they_say_otherwise(text: str, expected: str) -> None:
    assert moments.parse_moment(text).ToJsonString() == expected
