"""Decisions that were answered from a journal, and come into the ledger later."""

import asyncio
from dataclasses import replace

import pytest

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import decision, decision_event, open_step_up
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.application.ports.cache import Positions, Projection, Try
from sekisho.application.ports.ledger import CaseEvent, KeptIdentifier, NewDecision
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    StepUp,
    Verdict,
)
from sekisho.domain.errors import RequestIdReusedError
from sekisho.domain.velocity import Attribute, Dimension, Mark
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase


def journaled(of: NewDecision, at: int = samples.NOW + 5_000) -> NewDecision:
    """Return what the same request was answered from the journal: a step-up."""
    asked = StepUp((Challenge(ChallengeKind.RETRY, ChallengeState.OPEN),))
    standing = replace(
        of.standing,
        verdict=Verdict.STEP_UP,
        state=DecisionState.STEP_UP_OPEN,
        decided_at=at,
        expires_at=at + samples.HALF_HOUR,
        degraded=True,
        step_up=asked,
    )
    account = samples.decision(("journaled", of.standing.request_id), verdict=Verdict.STEP_UP)
    return replace(
        of,
        standing=standing,
        attempt=replace(of.attempt, at=at),
        account=account.account,
        sealed_change=b"sealed again",
    )


def of_another_body(of: NewDecision) -> NewDecision:
    """Return the same request with another document, and so another body."""
    passport = samples.fingerprint("passport", of.standing.request_id)
    new = journaled(of)
    return replace(
        new,
        once=replace(new.once, body_digest=b"\x07" * 16),
        identifiers=(*new.identifiers, KeptIdentifier("document", "TZ****999", passport)),
        attempt=Try(
            try_id=new.attempt.try_id,
            at=new.attempt.at,
            keys=(*new.attempt.keys, (Dimension.DOCUMENT, passport)),
            attributes={Attribute.DOCUMENT: passport},
        ),
    )


async def projected(database: AnyDatabase) -> Projection:
    """Return all that the projector reads."""
    feed = SqlFeed(database)
    async with asyncio.timeout(10):
        while True:
            projection, _, complete = await feed.after(Positions(0, 0, 0), 1_000)
            if complete:
                return projection
            await asyncio.sleep(0.01)


async def only_event(ledger: SqlDecisions, new: NewDecision) -> CaseEvent:
    """Return the one event of a decision's case."""
    (event,) = (await ledger.case(new.standing.decision_id)).events
    return event


async def test_what_the_ledger_has_not_got_is_recorded_as_it_was_answered(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    every = [journaled(samples.decision(number)) for number in range(150)]
    await ledger.deliver(every)
    await ledger.deliver(every)
    for new in every[::50]:
        found = await ledger.open(new.standing.decision_id)
        assert found.standing == new.standing
        assert found.sealed_change == new.sealed_change
        assert (await ledger.case(new.standing.decision_id)).account == new.account
        assert await ledger.record(new) == new.standing
    assert await count(database, decision) == await count(database, open_step_up) == 150
    assert await count(database, decision_event) == 0


async def test_one_that_the_ledger_holds_already_is_left_alone(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = journaled(samples.decision(1))
    await ledger.record(new)
    resolved = samples.event(new.standing, DecisionState.ALLOWED)
    await ledger.append(resolved)
    await ledger.deliver([new])
    assert await ledger.standing(new.standing.decision_id) == resolved.standing
    assert await count(database, decision_event) == 1


async def test_the_step_up_stands_where_the_ledger_held_an_allow(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    allowed = samples.decision(1)
    await ledger.record(allowed)
    late = journaled(allowed)
    for _ in range(2):
        await ledger.deliver([late])
        found = await ledger.open(allowed.standing.decision_id)
        assert found.standing == replace(
            late.standing, revision=1, decided_at=allowed.standing.decided_at
        )
        assert found.sealed_change == late.sealed_change
        assert found.attempt == allowed.attempt
    # A repeat gets the stricter one.
    assert await ledger.record(allowed) == found.standing
    case = await ledger.case(allowed.standing.decision_id)
    assert case.account == late.account
    event = await only_event(ledger, allowed)
    assert (event.kind, event.at) == ("delivered", late.standing.decided_at)
    assert event.actor == "shinjuku-3/t-1"
    assert event.summary == (
        "the request was answered step_up from the journal; the ledger held allow;"
        " it is step_up_open"
    )
    (expiring,) = await ledger.expired(late.standing.expires_at + 1, 10)
    assert expiring.standing == found.standing


async def test_evidence_can_follow_a_step_up_that_was_delivered(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    allowed = samples.decision(1)
    await ledger.record(allowed)
    await ledger.deliver([journaled(allowed)])
    before = await ledger.standing(allowed.standing.decision_id)
    event = samples.event(before, DecisionState.ALLOWED, once=samples.once(), marks=(Mark.CLOSED,))
    await ledger.append(event)
    await ledger.deliver([journaled(allowed)])
    assert await ledger.standing(allowed.standing.decision_id) == event.standing
    assert await count(database, open_step_up) == 0


@pytest.mark.parametrize("state", [DecisionState.COMPLETED, DecisionState.ABANDONED])
async def test_a_change_that_is_over_stays_so_and_its_case_tells_of_the_step_up(
    database: AnyDatabase, state: DecisionState
) -> None:
    ledger = SqlDecisions(database)
    allowed = samples.decision(1)
    await ledger.record(allowed)
    over = samples.event(allowed.standing, state, kind="outcome")
    await ledger.append(over)
    for _ in range(2):
        await ledger.deliver([journaled(allowed)])
    case = await ledger.case(allowed.standing.decision_id)
    assert case.standing == replace(over.standing, revision=2)
    assert case.account == allowed.account
    assert [event.kind for event in case.events] == ["outcome", "delivered"]
    assert case.events[-1].summary.endswith(f"the ledger held allow; it is {state.value}")
    assert await count(database, open_step_up) == 0


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_another_body_is_told_with_all_that_it_showed(
    database: AnyDatabase, verdict: Verdict
) -> None:
    ledger = SqlDecisions(database)
    stored = samples.decision(1, verdict=verdict)
    await ledger.record(stored)
    other = of_another_body(stored)
    for _ in range(2):
        await ledger.deliver([other])
    found = await ledger.open(stored.standing.decision_id)
    assert found.standing.state is DecisionState.STEP_UP_OPEN
    sealed = other.sealed_change if verdict is Verdict.ALLOW else stored.sealed_change
    assert found.sealed_change == sealed
    assert found.identifiers == other.identifiers
    assert found.attempt.keys == other.attempt.keys
    event = await only_event(ledger, stored)
    assert event.summary.startswith("the request came with another body and was answered step_up")
    # Whoever asks for either is told apart as before.
    assert await ledger.record(stored) == found.standing
    with pytest.raises(RequestIdReusedError):
        await ledger.record(other)


async def test_the_try_is_counted_once_and_its_step_up_too(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    every = [samples.decision(number) for number in range(4)]
    first, over, other, fresh = every
    for new in (first, over, other):
        await ledger.record(new)
    await ledger.append(
        samples.event(over.standing, DecisionState.COMPLETED, marks=(Mark.COMPLETED, Mark.CLOSED))
    )
    late = [journaled(first), journaled(over), of_another_body(other), journaled(fresh)]
    for _ in range(2):
        await ledger.deliver(late)
    projection = await projected(database)
    ids = [new.attempt.try_id for new in every]
    assert {attempt.try_id for attempt in projection.tries} == set(ids)
    # The other body's try is the same member, at the same time, under one key more.
    again = [each for each in projection.tries if each.try_id == other.attempt.try_id]
    assert [(each.at, len(each.keys)) for each in again] == [
        (other.attempt.at, 10),
        (samples.NOW, 1),
    ]
    marks = {id_: [m.mark for m in projection.markings if m.try_id == id_] for id_ in ids}
    assert marks[first.attempt.try_id] == [Mark.STEP_UP]
    assert marks[over.attempt.try_id] == [Mark.COMPLETED, Mark.CLOSED, Mark.STEP_UP, Mark.CLOSED]
    assert marks[other.attempt.try_id] == [Mark.STEP_UP]
    assert marks[fresh.attempt.try_id] == [Mark.STEP_UP]
    (marking,) = [m for m in projection.markings if m.try_id == other.attempt.try_id]
    assert set(marking.keys) == set(late[2].attempt.keys)


async def test_two_hosts_deliver_the_same_request_at_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        ledgers = [SqlDecisions(one), SqlDecisions(two)]
        every = [samples.decision(number) for number in range(40)]
        for new in every[::2]:
            await ledgers[0].record(new)
        late = [journaled(new) for new in every]
        other = [of_another_body(new) for new in every]
        await asyncio.gather(
            ledgers[0].deliver(late), ledgers[1].deliver(late[::-1]), ledgers[1].deliver(other)
        )
        assert await count(one, decision) == 40
        # Of those stored as an ALLOW both journaled ones are told; of the rest, whichever was
        # delivered first is the decision, and tells nothing where the body is the same.
        for place, new in enumerate(every):
            case = await ledgers[0].case(new.standing.decision_id)
            assert case.standing.state is DecisionState.STEP_UP_OPEN
            assert len(case.events) == (2 if place % 2 == 0 else 1)


async def test_a_decision_delivered_twice_in_one_call_is_told_once(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    allowed = samples.decision(1)
    await ledger.record(allowed)
    await ledger.deliver([journaled(allowed), journaled(allowed)])
    assert await count(database, decision_event) == 1
    await ledger.deliver([])


async def test_a_request_id_that_an_outcome_used_meanwhile_is_recorded_all_the_same(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    before = samples.decision(1)
    await ledger.record(before)
    late = journaled(samples.decision(2))
    outcome = samples.event(before.standing, DecisionState.COMPLETED, once=late.once)
    await ledger.append(outcome)
    await ledger.deliver([late])
    assert await ledger.standing(late.standing.decision_id) == late.standing
    # And the outcome's repeat gets what it got.
    assert await ledger.append(outcome) == outcome.standing
    assert await ledger.repeated(late.once) == outcome.standing


async def test_the_newest_decision_of_a_case_is_the_latest_decided(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    late = journaled(samples.decision("late"), at=samples.NOW - 60_000)
    same = replace(late, standing=replace(late.standing, case_number="AAAA2222"))
    now = samples.decision("now")
    now = replace(now, standing=replace(now.standing, case_number="AAAA2222"))
    await ledger.record(now)
    await ledger.deliver([same])
    assert await ledger.decision_ids_of_case("AAAA2222") == [
        now.standing.decision_id,
        same.standing.decision_id,
    ]
