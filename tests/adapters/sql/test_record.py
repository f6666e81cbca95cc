import asyncio
from dataclasses import replace

import pytest

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import decision, open_step_up
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.errors import (
    NotFoundError,
    RequestIdReusedError,
)
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase


async def test_a_decision_stands_as_it_was_recorded(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision(verdict=Verdict.STEP_UP)
    assert await ledger.record(new) == new.standing
    assert await ledger.standing(new.standing.decision_id) == new.standing


async def test_a_case_tells_all_that_led_to_a_decision(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision()
    await ledger.record(new)
    case = await ledger.case(new.standing.decision_id)
    assert case.standing == new.standing
    assert case.account == new.account
    assert case.identifiers == new.identifiers
    assert (case.terminal, case.kind, case.cause) == (new.terminal, new.kind, new.cause)
    assert case.events == ()


async def test_an_account_is_read_by_a_build_that_knows_other_facts(url: str) -> None:
    async with opened(url) as database:
        new = samples.decision()
        names = list(new.account.facts)
        await SqlDecisions(database, fact_names=names[:100]).record(new)
        case = await SqlDecisions(database, fact_names=names[50:]).case(new.standing.decision_id)
        assert case.account == new.account


async def test_a_repeat_gets_what_was_stored_and_counts_once(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    first = samples.decision(1)
    again = replace(
        first, standing=replace(samples.decision(2).standing, request_id=first.once.request_id)
    )
    stored = await ledger.record(first)
    assert await ledger.record(again) == stored
    assert await count(database, decision) == 1


async def test_a_repeat_gets_the_decision_as_it_stands_now(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision(verdict=Verdict.STEP_UP)
    await ledger.record(new)
    failed = samples.event(new.standing, DecisionState.STEP_UP_FAILED)
    await ledger.append(failed)
    assert await ledger.record(new) == failed.standing


async def test_a_request_id_with_another_body_is_refused(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision()
    await ledger.record(new)
    other = replace(new, once=replace(new.once, body_digest=b"\x00" * 16))
    with pytest.raises(RequestIdReusedError):
        await ledger.record(other)


async def test_another_shop_may_use_the_same_request_id(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    here = samples.decision(1, shop="ginza")
    there = samples.decision(2, shop="osaka")
    there = replace(there, once=replace(there.once, request_id=here.once.request_id))
    await ledger.record(here)
    await ledger.record(there)
    assert await count(database, decision) == 2


async def test_a_request_id_of_an_outcome_is_refused_for_an_assessment(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision(1)
    await ledger.record(new)
    once = samples.once(new.once.caller)
    await ledger.append(samples.event(new.standing, DecisionState.COMPLETED, once=once))
    with pytest.raises(RequestIdReusedError):
        await ledger.record(replace(samples.decision(2), once=once))


async def test_32_at_once_share_commits(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    await ledger.record(samples.decision("first"))
    before = database.commits
    every = [samples.decision(number) for number in range(32)]
    standings = await asyncio.gather(*map(ledger.record, every))
    assert standings == [new.standing for new in every]
    assert await count(database, decision) == 33
    # One may go alone while the others gather; a slow thread may see them come in two lots.
    assert 1 <= database.commits - before <= 4


async def test_repeats_within_one_commit_get_the_same_decision(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    first = samples.decision(1)
    repeats = [
        replace(first, standing=replace(first.standing, expires_at=first.standing.expires_at + n))
        for n in range(8)
    ]
    other_body = replace(first, once=replace(first.once, body_digest=b"\x00" * 16))
    outcomes = await asyncio.gather(
        *map(ledger.record, [*repeats, other_body]), return_exceptions=True
    )
    assert len({str(outcome) for outcome in outcomes[:-1]}) == 1
    assert isinstance(outcomes[-1], RequestIdReusedError)
    assert await count(database, decision) == 1


async def test_the_same_request_over_three_connections_is_decided_once(url: str) -> None:
    async with opened(url) as one, opened(url) as two, opened(url) as three:
        ledgers = [SqlDecisions(one), SqlDecisions(two), SqlDecisions(three)]
        # One round in a hundred meets in PostgreSQL's index of ids, before that of requests.
        for round_ in range(300):
            first = samples.decision(round_)
            standings = [
                replace(first.standing, expires_at=first.standing.expires_at + later)
                for later in range(3)
            ]
            got = await asyncio.gather(
                *(
                    ledger.record(replace(first, standing=standing))
                    for ledger, standing in zip(ledgers, standings, strict=True)
                )
            )
            assert got[0] == got[1] == got[2]
        assert await count(one, decision) == 300


async def test_one_that_cannot_be_kept_does_not_fail_its_neighbours(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    every = [samples.decision(number) for number in range(8)]
    # Half a surrogate pair can be written in no database.
    every[3] = replace(every[3], terminal="\ud800")
    outcomes = await asyncio.gather(*map(ledger.record, every), return_exceptions=True)
    assert isinstance(outcomes.pop(3), Exception)
    del every[3]
    assert outcomes == [new.standing for new in every]


async def test_only_a_step_up_keeps_its_request(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    allowed = samples.decision(1)
    open_ = samples.decision(2, verdict=Verdict.STEP_UP)
    await ledger.record(allowed)
    await ledger.record(open_)
    assert await count(database, open_step_up) == 1
    assert (await ledger.open(allowed.standing.decision_id)).sealed_change is None
    assert (await ledger.open(open_.standing.decision_id)).sealed_change == open_.sealed_change


async def test_a_decision_is_found_by_its_case_number(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    first, second = samples.decision(1), samples.decision(2, at=samples.NOW + 1)
    second = replace(second, standing=replace(second.standing, case_number="AAAA2222"))
    first = replace(first, standing=replace(first.standing, case_number="AAAA2222"))
    await ledger.record(first)
    await ledger.record(second)
    found = await ledger.decision_ids_of_case("AAAA2222")
    assert list(found) == [second.standing.decision_id, first.standing.decision_id]
    assert list(await ledger.decision_ids_of_case("ZZZZ9999")) == []


async def test_a_decision_that_is_not_there_is_not_found(database: AnyDatabase) -> None:
    ledger = SqlDecisions(database)
    for ask in (ledger.standing, ledger.open, ledger.case):
        with pytest.raises(NotFoundError):
            await ask(b"\x01" * 16)


async def test_a_fingerprint_of_another_length_is_refused_before_it_is_written(
    database: AnyDatabase,
) -> None:
    ledger = SqlDecisions(database)
    new = samples.decision()
    broken = replace(new.identifiers[0], fingerprint=b"short")
    with pytest.raises(ValueError, match="16 bytes"):
        await ledger.record(replace(new, identifiers=(broken,)))
    assert await count(database, decision) == 0
