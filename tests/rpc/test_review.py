"""What the fraud team sees of a case."""

from dataclasses import replace

import pytest

from sekisho.application.ports.ledger import Account, Case, CaseEvent, KeptIdentifier
from sekisho.domain import case_number
from sekisho.domain.decision import (
    ChallengeKind,
    DecisionState,
    Judgement,
    MissingCause,
    MissingSignal,
    Reason,
    UnevaluatedRule,
    Verdict,
    WatchlistHit,
)
from sekisho.domain.facts import FACTS
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import decision_pb2, review_pb2, sim_change_pb2
from tests.support import requests
from tests.support.clock import NOW
from tests.support.server import Running, refused
from tests.support.use_cases import DECISION_ID, STANDING

CASE = Case(
    standing=STANDING,
    terminal="t1",
    kind=ChangeKind.ESIM_REISSUE,
    cause=Cause.LOST,
    identifiers=(KeptIdentifier("line", "••••5678", b"\x0a" * 16),),
    account=Account(
        facts={
            "document.chip_read": True,
            "document.count": 0,
            "velocity.clerk.rate": 1.5,
            "change.kind": "esim_reissue",
            "document.types": ("driving_licence", "passport"),
            "watchlist.lists": (),
        },
        judgement=Judgement(
            verdict=Verdict.STEP_UP,
            score=4.5,
            threshold=3.0,
            demands=(ChallengeKind.READ_CHIP,),
            reasons=(
                Reason("CHIP_UNREAD", 4.5, True, (ChallengeKind.READ_CHIP,), {"a": False}),
                Reason("UNKNOWN_CODE", 0.0, False, (), {}),
            ),
            unevaluated=(UnevaluatedRule("SHOP_HOPPING", ("velocity.line.shops_7d",), True),),
            policy_version="default@abc",
        ),
        missing=(MissingSignal("velocity.line", MissingCause.CACHE_UNAVAILABLE),),
        hits=(WatchlistHit("mules", "line", "bank", "reported", NOW, True),),
        watchlist_versions={"mules": 7, "a": 1},
        trace_id=b"\x07" * 16,
        timings_us={"observe": 900},
    ),
    events=(
        CaseEvent(
            NOW,
            "outcome",
            "ginza/t1",
            "completed, an override",
            replace(STANDING, state=DecisionState.COMPLETED),
        ),
    ),
)
TEXTS = {"CHIP_UNREAD": {"ja": "ICチップ未読", "en": "Chip not read"}}
BY_NAME = review_pb2.GetCaseRequest(name=requests.DECISION)


@pytest.fixture
def shown(api: Running) -> Running:
    api.told.case = CASE
    api.told.texts = TEXTS
    return api


async def test_a_case_shows_all_that_led_to_the_decision(shown: Running) -> None:
    case = await shown.client.review.GetCase(BY_NAME, metadata=[("accept-language", "en")])
    assert case.decision.name == requests.DECISION
    assert (case.shop, case.terminal) == ("ginza", "t1")
    assert case.kind == sim_change_pb2.SimChange.KIND_ESIM_REISSUE
    assert case.cause == sim_change_pb2.SimChange.CAUSE_LOST
    assert [(i.role, i.masked, i.fingerprint) for i in case.identifiers] == [
        ("line", "••••5678", "0a" * 16)
    ]
    assert (case.score, case.threshold) == (4.5, 3.0)
    assert case.policy_version == "default@abc"
    assert list(case.watchlist_versions) == ["a@1", "mules@7"]
    assert case.trace_id == "07" * 16
    assert dict(case.timings_us) == {"observe": 900}
    (rule,) = case.unevaluated_rules
    assert (rule.code, list(rule.unknown_facts), rule.counted) == (
        "SHOP_HOPPING",
        ["velocity.line.shops_7d"],
        True,
    )
    (missing,) = case.missing_signals
    assert (missing.signal, missing.cause) == ("velocity.line", "cache_unavailable")
    (hit,) = case.watchlist_hits
    assert hit.watchlist == "watchlists/mules"
    assert hit.since_time == from_ms(NOW)
    assert hit.weak
    (event,) = case.events
    assert event.summary == "completed, an override"
    assert event.state == decision_pb2.Decision.STATE_COMPLETED


async def test_every_type_of_fact_keeps_its_type(shown: Running) -> None:
    case = await shown.client.review.GetCase(BY_NAME)
    facts = {fact.name: fact for fact in case.facts}
    which = {name: fact.WhichOneof("value") for name, fact in facts.items()}
    assert set(FACTS) <= set(which)
    assert {name: kind for name, kind in which.items() if kind} == {
        "document.chip_read": "bool_value",
        "document.count": "int_value",
        "velocity.clerk.rate": "double_value",
        "change.kind": "string_value",
        "document.types": "list_value",
        "watchlist.lists": "list_value",
    }
    assert facts["document.count"].int_value == 0
    assert list(facts["document.types"].list_value.values) == ["driving_licence", "passport"]


@pytest.mark.parametrize(("language", "text"), [("en", "Chip not read"), ("ja", "ICチップ未読")])
async def test_a_rule_explains_itself_in_the_language_asked_for(
    shown: Running, language: str, text: str
) -> None:
    case = await shown.client.review.GetCase(BY_NAME, metadata=[("accept-language", language)])
    known, unknown = case.reasons
    assert (known.code, known.text, known.weight, known.hard) == ("CHIP_UNREAD", text, 4.5, True)
    assert list(known.demands) == [decision_pb2.CHALLENGE_KIND_READ_CHIP]
    assert [(fact.name, fact.bool_value) for fact in known.facts] == [("a", False)]
    assert unknown.text == ""


async def test_a_case_is_found_by_its_number_as_heard_on_the_telephone(shown: Running) -> None:
    number = case_number.make(b"12345678")
    heard = f"{number[:4].lower()}-{number[4:].lower()}"
    await shown.client.review.GetCase(review_pb2.GetCaseRequest(name=heard))
    assert shown.told.last == {"case_number": number}
    await shown.client.review.GetCase(BY_NAME)
    assert shown.told.last == {"decision_id": DECISION_ID}


@pytest.mark.parametrize("name", ["", "x", "decisions/1", "ABCDEFGI", "cases/1"])
async def test_a_name_that_is_none_is_refused(shown: Running, name: str) -> None:
    answer = await refused(shown.client.review.GetCase(review_pb2.GetCaseRequest(name=name)))
    assert set(answer.violations) == {"name"}
