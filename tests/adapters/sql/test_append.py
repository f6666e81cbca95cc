import asyncio
from dataclasses import replace

import pytest

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import decision_event, open_step_up
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import KeptIdentifier, NewDecision
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    StepUp,
    Verdict,
)
from sekisho.domain.errors import AbortedError, NotFoundError, RequestIdReusedError
from sekisho.domain.velocity import Attribute, Dimension, Mark
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase


async def recorded(ledger: SqlDecisions, seed: object = 0) -> NewDecision:
    new = samples.decision(seed, verdict=Verdict.STEP_UP)
    await ledger.record(new)
    return new


async def test_a_decision_stands_where_its_latest_event_left_it(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    asked = StepUp(
        (
            Challenge(ChallengeKind.READ_CHIP, ChallengeState.REFUTED),
            Challenge(ChallengeKind.WAIT, ChallengeState.OPEN, wait_until=samples.NOW + 5),
            Challenge(
                ChallengeKind.REENTER_NUMBER, ChallengeState.OPEN, fields=("sim_change.imei",)
            ),
        ),
        attempts=2,
        evidence_began=True,
    )
    first = samples.event(new.standing, DecisionState.STEP_UP_OPEN)
    first = replace(first, standing=replace(first.standing, step_up=asked, degraded=True))
    second = samples.event(first.standing, DecisionState.COMPLETED)
    second = replace(second, standing=replace(second.standing, override=True))
    for event in (first, second):
        assert await ledger.append(event) == event.standing
        assert await ledger.standing(new.standing.decision_id) == event.standing


async def test_of_two_revisions_at_once_one_is_aborted(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        ledgers = [SqlDecisions(one), SqlDecisions(two)]
        new = await recorded(ledgers[0])
        rivals = [
            samples.event(new.standing, DecisionState.ALLOWED, once=samples.once()),
            samples.event(new.standing, DecisionState.STEP_UP_FAILED),
        ]
        outcomes = await asyncio.gather(
            *(ledger.append(e) for ledger, e in zip(ledgers, rivals, strict=True)),
            return_exceptions=True,
        )
        assert sorted(isinstance(each, AbortedError) for each in outcomes) == [False, True]
        (won,) = (each for each in outcomes if not isinstance(each, BaseException))
        assert await ledgers[0].standing(new.standing.decision_id) == won


async def test_a_revision_out_of_turn_is_aborted(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    event = samples.event(new.standing, DecisionState.ALLOWED)
    with pytest.raises(AbortedError):
        await ledger.append(replace(event, standing=replace(event.standing, revision=2)))


async def test_a_decision_that_is_not_there_takes_no_event(database: AnyDatabase) -> None:
    event = samples.event(samples.decision().standing, DecisionState.ALLOWED)
    with pytest.raises(NotFoundError):
        await SqlDecisions(database).append(event)


async def test_a_repeat_gets_the_standing_that_its_first_made(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    once = samples.once(new.once.caller)
    first = samples.event(new.standing, DecisionState.ALLOWED, once=once)
    assert await ledger.repeated(once) is None
    await ledger.append(first)
    later = samples.event(first.standing, DecisionState.COMPLETED)
    await ledger.append(later)
    assert await ledger.append(first) == first.standing
    assert await ledger.repeated(once) == first.standing
    assert await ledger.standing(new.standing.decision_id) == later.standing
    assert await count(database, decision_event) == 2


async def test_the_same_event_over_two_connections_is_appended_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        ledgers = [SqlDecisions(one), SqlDecisions(two)]
        for round_ in range(10):
            new = await recorded(ledgers[0], round_)
            event = samples.event(new.standing, DecisionState.COMPLETED, once=samples.once())
            got = await asyncio.gather(*(ledger.append(event) for ledger in ledgers))
            assert got == [event.standing] * 2
        assert await count(one, decision_event) == 10


async def test_events_at_once_share_a_commit_and_each_gets_its_own(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    every = [await recorded(ledger, seed) for seed in range(20)]
    events = [
        samples.event(new.standing, DecisionState.COMPLETED, once=samples.once()) for new in every
    ]
    first = events[0]
    assert first.once is not None
    same_again = first
    other_body = replace(first, once=replace(first.once, body_digest=b"other"))
    rival = replace(events[1], once=samples.once())
    nowhere = samples.event(samples.decision("nowhere").standing, DecisionState.ALLOWED)
    before = database.commits
    outcomes = await asyncio.gather(
        *map(ledger.append, [*events, same_again, other_body, rival, nowhere]),
        return_exceptions=True,
    )
    assert outcomes[:21] == [event.standing for event in [*events, same_again]]
    assert [type(each) for each in outcomes[21:]] == [
        RequestIdReusedError,
        AbortedError,
        NotFoundError,
    ]
    assert await count(database, decision_event) == 20
    assert await count(database, open_step_up) == 0
    assert database.commits - before <= 4


async def test_a_request_id_with_another_body_is_refused(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    once = samples.once(new.once.caller)
    event = samples.event(new.standing, DecisionState.ALLOWED, once=once)
    await ledger.append(event)
    other = replace(once, body_digest=b"\x02" * 16)
    with pytest.raises(RequestIdReusedError):
        await ledger.append(replace(event, once=other))
    with pytest.raises(RequestIdReusedError):
        await ledger.repeated(other)


async def test_a_request_id_of_an_assessment_is_refused_for_evidence(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    event = samples.event(new.standing, DecisionState.ALLOWED, once=new.once)
    with pytest.raises(RequestIdReusedError):
        await ledger.append(event)
    assert await count(database, decision_event) == 0


async def test_an_open_step_up_keeps_its_request_and_a_closed_one_does_not(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    id_ = new.standing.decision_id
    first = samples.event(new.standing, DecisionState.STEP_UP_OPEN, sealed_change=b"sealed anew")
    await ledger.append(first)
    assert (await ledger.open(id_)).sealed_change == b"sealed anew"
    second = samples.event(first.standing, DecisionState.STEP_UP_OPEN)
    await ledger.append(second)
    assert (await ledger.open(id_)).sealed_change == b"sealed anew"
    await ledger.append(samples.event(second.standing, DecisionState.STEP_UP_FAILED))
    assert (await ledger.open(id_)).sealed_change is None
    assert await count(database, open_step_up) == 0


async def test_a_decision_has_all_keys_and_identifiers_that_evidence_added(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    passport = samples.fingerprint("passport")
    added = KeptIdentifier("document", "TZ****999", passport)
    attempt = Try(
        try_id=new.attempt.try_id,
        at=new.attempt.at,
        keys=((Dimension.DOCUMENT, passport), *new.attempt.keys[:2]),
        attributes={Attribute.DOCUMENT: passport},
        reissue=3,
    )
    event = samples.event(new.standing, DecisionState.STEP_UP_OPEN)
    await ledger.append(replace(event, attempt=attempt, identifiers=(added, new.identifiers[0])))
    found = await ledger.open(new.standing.decision_id)
    assert found.attempt == Try(
        try_id=new.attempt.try_id,
        at=new.attempt.at,
        keys=(*new.attempt.keys, (Dimension.DOCUMENT, passport)),
        attributes={**new.attempt.attributes, Attribute.DOCUMENT: passport},
        reissue=3,
    )
    assert found.identifiers == (*new.identifiers, added)
    assert (await ledger.case(new.standing.decision_id)).identifiers == found.identifiers


async def test_a_case_tells_what_followed_and_the_latest_account(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    newer = samples.decision("newer").account
    evidence = replace(
        samples.event(new.standing, DecisionState.ALLOWED, marks=(Mark.CLOSED,)), account=newer
    )
    outcome = samples.event(evidence.standing, DecisionState.COMPLETED, kind="outcome")
    expiry = replace(outcome, kind="expired", terminal="")
    await ledger.append(evidence)
    await ledger.append(expiry)
    case = await ledger.case(new.standing.decision_id)
    assert case.standing == expiry.standing
    assert case.account == newer
    assert [(e.kind, e.actor, e.summary, e.at, e.standing) for e in case.events] == [
        ("evidence", "shinjuku-3/t-2", evidence.summary, evidence.at, evidence.standing),
        ("expired", "", expiry.summary, expiry.at, expiry.standing),
    ]


async def test_open_step_ups_expire_oldest_first(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    later, sooner, allowed = (
        samples.decision("later", verdict=Verdict.STEP_UP, at=samples.NOW + 1000),
        samples.decision("sooner", verdict=Verdict.STEP_UP, at=samples.NOW),
        samples.decision("allowed", at=samples.NOW),
    )
    for new in (later, sooner, allowed):
        await ledger.record(new)
    expiry = samples.NOW + samples.HALF_HOUR
    assert await ledger.expired(expiry, 10) == []
    (only,) = await ledger.expired(expiry + 1, 10)
    assert (only.standing, only.attempt) == (sooner.standing, sooner.attempt)
    both = await ledger.expired(expiry + 1001, 10)
    assert [each.standing for each in both] == [sooner.standing, later.standing]
    assert len(await ledger.expired(expiry + 1001, 1)) == 1
    await ledger.append(samples.event(sooner.standing, DecisionState.EXPIRED))
    (left,) = await ledger.expired(expiry + 1001, 10)
    assert left.standing == later.standing


async def test_an_event_that_prolongs_a_step_up_puts_its_expiry_off(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = await recorded(ledger)
    event = samples.event(new.standing, DecisionState.STEP_UP_OPEN)
    until = new.standing.expires_at + 60_000
    await ledger.append(replace(event, standing=replace(event.standing, expires_at=until)))
    assert await ledger.expired(until, 10) == []
    assert len(await ledger.expired(until + 1, 10)) == 1


async def test_only_decisions_whose_revision_moved_are_told(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    still, moved = [await recorded(ledger, seed) for seed in ("still", "moved")]
    event = samples.event(moved.standing, DecisionState.ALLOWED)
    await ledger.append(event)
    ids = [new.standing.decision_id for new in (still, moved)]
    unknown = b"\x09" * 16
    assert await ledger.moved({ids[0]: 0, ids[1]: 0, unknown: 0}) == {ids[1]: event.standing}
    assert await ledger.moved({ids[0]: 0, ids[1]: 1}) == {}
    assert await ledger.moved({}) == {}
