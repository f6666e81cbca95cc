"""The checker without servers: a world in order is in order, and each thing wrong is reported."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from sekisho.adapters.redis.records import KINDS
from sekisho.application.ports.cache import Marking
from sekisho.application.ports.ledger import Account, Case, CaseEvent
from sekisho.domain.decision import (
    DecisionState,
    Judgement,
    MissingCause,
    MissingSignal,
    Standing,
    StepUp,
    Verdict,
)
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.domain.velocity import Dimension, Mark
from sekisho.rpc.convert import names
from sekisho.v1 import decision_pb2
from tests.faults import traffic
from tests.faults.calls import Call, Ended, Sent
from tests.faults.checker import check
from tests.faults.evidence import Evidence, Held, Kept, Truth
from tests.faults.subjects import subjects

NOW = 1_800_000_000_000
ID = bytes(range(16))
BODY = "fresh/one"


def sent(variant: int = 0) -> Sent:
    """The one assessment, as it goes out."""
    shop, request_id = traffic.shop_of(BODY), traffic.request_id(BODY)
    return Sent("0-0", NOW - 1, traffic.METHOD, shop, request_id, BODY, variant)


def ended() -> Ended:
    """Its answer: an ALLOW."""
    allow, state = decision_pb2.VERDICT_ALLOW, decision_pb2.Decision.STATE_ALLOWED
    return Ended(
        "0-0", NOW + 5, "OK", "", names.decision_name(ID), allow, state, False, decided_at=NOW
    )


def in_order() -> Evidence:
    """One request, its answer, its decision, its try in the cache: everything in order."""
    call = Call(sent(), ended())
    other = Call(sent(1), Ended("0-1", NOW + 9, "ALREADY_EXISTS"))
    made = subjects([call, other])
    own = made[sent().shop, sent().request_id, 0]
    own = replace(own, at=NOW)
    return Evidence(
        [call, other],
        made,
        Truth(
            decisions=[kept()],
            tries=[own],
            held={key: Held({own.try_id: NOW}) for key in own.keys},
        ),
    )


def kept(**account: object) -> Kept:
    """The decision."""
    standing = Standing(
        decision_id=ID,
        request_id=sent().request_id,
        shop=sent().shop,
        case_number="VFK945VR",
        revision=0,
        verdict=Verdict.ALLOW,
        state=DecisionState.ALLOWED,
        decided_at=NOW,
        expires_at=NOW + 1000,
        degraded=False,
        step_up=StepUp(),
    )
    judgement = Judgement(Verdict.ALLOW, 0, 100, (), (), (), "default@1")
    facts = {f"velocity.{dimension}.tries_24h": 1 for dimension in Dimension}
    given = {"facts": facts, "missing": (), **account}
    why = Account(judgement=judgement, hits=(), watchlist_versions={}, **given)  # type: ignore[arg-type]
    case = Case(standing, "t1", ChangeKind.SIM_REISSUE, Cause.LOST, (), why, ())
    return Kept(standing, case)


def promises(evidence: Evidence) -> set[str]:
    """Return what was not kept."""
    return {violation.promise for violation in check(evidence)}


def with_truth(**changes: object) -> Evidence:
    """Return the evidence in order but for what ledger and cache hold."""
    evidence = in_order()
    return replace(evidence, truth=replace(evidence.truth, **changes))  # type: ignore[arg-type]


def with_answer(**changes: object) -> Evidence:
    """Return the evidence in order but for the answer."""
    evidence = in_order()
    call = evidence.calls[0]
    answer = Ended(**{**{f: getattr(ended(), f) for f in Ended.__struct_fields__}, **changes})
    return replace(evidence, calls=[Call(call.sent, answer), *evidence.calls[1:]])


def other_standing(**changes: object) -> Evidence:
    """Return the evidence in order but for the ledger's standing."""
    one = kept()
    first = replace(one.first, **changes)  # type: ignore[arg-type]
    return with_truth(decisions=[Kept(first, replace(one.case, standing=first))])


def marked(*marks: tuple[Mark, int]) -> Evidence:
    """Return the evidence in order, with marks in the ledger that the cache has not got."""
    own = in_order().truth.tries[0]
    return with_truth(markings=[Marking(own.try_id, at, mark, own.keys) for mark, at in marks])


def held(change: Callable[[Held], Held]) -> Evidence:
    """Return the evidence in order but for what the cache holds of one key."""
    there = dict(in_order().truth.held)
    key = next(iter(there))
    there[key] = change(there[key])
    return with_truth(held=there)


def test_a_world_in_order_is_in_order() -> None:
    assert check(in_order()) == []


@pytest.mark.parametrize(
    ("promise", "evidence"),
    [
        ("acknowledged and missing", with_truth(decisions=[])),
        ("acknowledged and different", with_answer(name=names.decision_name(bytes(16)))),
        ("acknowledged and different", with_answer(decided_at=NOW + 1)),
        ("an allow that was none", other_standing(state=DecisionState.STEP_UP_OPEN)),
        ("an allow that was none", other_standing(verdict=Verdict.STEP_UP)),
        ("twice", with_truth(decisions=[kept(), kept()])),
        ("twice", other_standing(request_id=traffic.request_id("nobody"))),
        ("status", with_answer(code="INTERNAL", verdict=0)),
        (
            "an allow without evidence",
            with_truth(
                decisions=[kept(missing=(MissingSignal("line", MissingCause.CACHE_UNAVAILABLE),))]
            ),
        ),
        ("an allow without evidence", with_truth(decisions=[kept(facts={})])),
        ("a count too high", with_truth(decisions=[kept(facts={"velocity.line.tries_24h": 2})])),
        ("a count too low", with_truth(decisions=[kept(facts={"velocity.line.tries_24h": 0})])),
        ("a count wrong", held(lambda _: Held())),
        ("a count wrong", held(lambda one: Held({**one.tries, b"somebody": NOW}))),
        ("a count wrong", held(lambda one: Held(one.tries, frozenset({(1, b"somebody")})))),
        ("a count wrong", marked((Mark.STEP_UP, NOW))),
    ],
)
def test_what_is_wrong_is_reported(promise: str, evidence: Evidence) -> None:
    assert promise in promises(evidence)


def test_a_try_that_its_worker_could_not_count_may_take_a_while_to_reach_the_others() -> None:
    lost = MissingSignal("velocity.line", MissingCause.CACHE_UNAVAILABLE)
    first, counted = kept(missing=(lost,)), in_order().truth.tries[0]
    body = f"line/{BODY}"
    call = Call(replace_body(sent(), body))
    made = subjects([call])
    own = replace(made[call.sent.shop, call.sent.request_id, 0], at=NOW + 100, keys=counted.keys)
    standing = replace(
        first.first,
        decision_id=bytes(16),
        request_id=call.sent.request_id,
        shop=call.sent.shop,
        decided_at=NOW + 100,
    )
    second = Kept(standing, replace(kept().case, standing=standing))
    evidence = in_order()
    several = replace(
        evidence,
        calls=[*evidence.calls, call],
        subjects={**evidence.subjects, (call.sent.shop, call.sent.request_id, 0): own},
        truth=replace(
            evidence.truth,
            decisions=[first, second],
            tries=[counted, own],
            held={k: Held({counted.try_id: NOW, own.try_id: NOW + 100}) for k in own.keys},
        ),
        workers=2,
    )
    assert "a count too low" not in promises(several)
    assert "a count too low" in promises(replace(several, workers=1))
    known = replace(several, truth=replace(several.truth, decisions=[kept(), second]))
    assert "a count too low" in promises(known)


def test_what_time_ends_is_told_at_once_and_not_before() -> None:
    expired = decision_pb2.Decision.STATE_EXPIRED
    early, late = with_answer(state=expired), with_answer(state=expired, at=NOW + 1000)
    assert promises(early) == {"an allow that was none"}
    assert check(late) == []
    assert check(replace(early, ahead_ms=1000)) == []


def test_a_repeat_may_take_back_what_a_clock_that_was_ahead_said() -> None:
    opened = replace(
        kept().first, verdict=Verdict.STEP_UP, state=DecisionState.STEP_UP_OPEN, expires_at=NOW + 99
    )
    expired = replace(opened, state=DecisionState.EXPIRED, revision=1)
    event = CaseEvent(NOW + 99, "decision.expired", "", "", expired)
    case = replace(kept().case, standing=expired, events=(event,))
    step_up, state = decision_pb2.VERDICT_STEP_UP, decision_pb2.Decision
    told = with_answer(verdict=step_up, state=state.STATE_EXPIRED).calls[0]
    again = with_answer(verdict=step_up, state=state.STATE_STEP_UP_OPEN, at=NOW + 9).calls[0]
    sent_later = structs.replace(again.sent, at=NOW + 7)
    evidence = replace(
        with_truth(decisions=[Kept(opened, case)]),
        calls=[told, Call(sent_later, again.answered)],
    )
    assert "a repeat that went back" in promises(evidence)
    assert "a repeat that went back" not in promises(replace(evidence, ahead_ms=1000))


def test_another_body_that_is_answered_is_reported() -> None:
    evidence = in_order()
    first, other = evidence.calls
    answered = replace(evidence, calls=[first, Call(other.sent, ended())])
    assert promises(answered) == {"another body"}


def test_a_try_that_was_never_answered_may_count_or_not() -> None:
    evidence = in_order()
    unanswered = Call(replace_body(sent(), "fresh/two"))
    made = {**evidence.subjects, **subjects([unanswered])}
    own = made[unanswered.sent.shop, unanswered.sent.request_id, 0]
    for there in (Held(), Held({own.try_id: NOW})):
        truth = replace(
            evidence.truth, held={**evidence.truth.held, **dict.fromkeys(own.keys, there)}
        )
        shared = {key for key in own.keys if key in evidence.truth.held}
        assert not shared
        assert check(Evidence([*evidence.calls, unanswered], made, truth)) == []


def replace_body(call: Sent, body: str) -> Sent:
    """Return a call with another request in it."""
    shop, request_id = traffic.shop_of(body), traffic.request_id(body)
    return Sent("0-2", call.at, call.method, shop, request_id, body)


def test_a_mark_that_the_cache_has_is_in_order() -> None:
    evidence = marked((Mark.STEP_UP, NOW))
    own = evidence.truth.tries[0]
    mark = frozenset({(KINDS[Mark.STEP_UP], own.try_id)})
    there = {key: Held(one.tries, mark) for key, one in evidence.truth.held.items()}
    assert check(replace(evidence, truth=replace(evidence.truth, held=there))) == []
