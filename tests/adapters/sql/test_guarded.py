"""A ledger that is away, from the start or later."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.guarded import GuardedDatabase
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.open_ledger import open_ledger
from sekisho.adapters.sql.schema import decision
from sekisho.domain.errors import (
    FailedPreconditionError,
    LedgerUnavailableError,
    LedgerUncertainError,
    NotFoundError,
)
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count
from tests.adapters.sql.wire import name, wired
from tests.support.postgres import Postgres


@asynccontextmanager
async def guarded(url: str, *, migrate: bool = False) -> AsyncIterator[GuardedDatabase]:
    """Open a ledger that is not prepared yet."""
    database = await open_ledger(url, 5, migrate=migrate)
    try:
        yield database
    finally:
        await database.close()


async def until_recorded(ledger: SqlDecisions, seed: object, timeout: float = 1) -> None:
    """Record until it succeeds."""
    async with asyncio.timeout(10):
        while True:
            with suppress(LedgerUnavailableError):
                await ledger.record(samples.decision(seed), timeout)
                return
            await asyncio.sleep(0.01)


async def test_a_ledger_is_prepared_once_and_can_be_used(url: str) -> None:
    async with guarded(url) as database:
        ledger, new = SqlDecisions(database), samples.decision(1)
        for ask in (ledger.record(new), ledger.deliver([new]), ledger.standing(bytes(16))):
            with pytest.raises(LedgerUnavailableError) as away:
                await ask
            assert away.type is LedgerUnavailableError
        await asyncio.gather(database.prepare(), database.prepare())
        assert await ledger.record(new) == new.standing


async def test_a_ledger_away_at_the_start_is_found_when_it_comes(postgres_url: str) -> None:
    async with wired(postgres_url) as (wire, url), guarded(url) as database:
        wire.refusing = True
        ledger, new = SqlDecisions(database), samples.decision(1)
        for _ in range(5):
            with pytest.raises(LedgerUnavailableError) as away:
                await database.prepare()
            assert away.value.__cause__ is None
            with pytest.raises(LedgerUnavailableError):
                await ledger.record(new)
        wire.refusing = False
        await database.prepare()
        assert await ledger.record(new) == new.standing


@pytest.mark.slow
async def test_a_server_that_stalls_at_the_start_is_given_up_in_time(postgres_url: str) -> None:
    async with wired(postgres_url) as (wire, url), guarded(url, migrate=True) as database:
        wire.hold()
        began = time.monotonic()
        with pytest.raises(LedgerUnavailableError):
            await database.prepare()
        assert time.monotonic() - began < 20
        wire.go_on()
        await database.prepare()
        new = samples.decision(1)
        assert await SqlDecisions(database).record(new) == new.standing


async def test_a_schema_that_is_behind_is_told_until_it_is_migrated(postgres: Postgres) -> None:
    url = postgres.url(postgres.new_database())
    async with guarded(url) as database:
        with pytest.raises(FailedPreconditionError) as behind:
            await database.prepare()
        assert behind.value.reason == "SCHEMA_BEHIND"
        with pytest.raises(LedgerUnavailableError):
            await SqlDecisions(database).record(samples.decision(1))
        await asyncio.to_thread(upgrade, url)
        await database.prepare()
        await SqlDecisions(database).record(samples.decision(1))


async def test_a_url_that_cannot_be_used_is_told_at_once() -> None:
    for url in ("mysql://host/ledger", "postgresql://user:s3crET@host:port/ledger"):
        with pytest.raises(FailedPreconditionError) as refused:
            await open_ledger(url, 5, migrate=False)
        assert "s3crET" not in str(refused.value)


async def test_callers_of_a_stalled_server_soon_fail_at_once_and_it_is_found_again(
    postgres_url: str,
) -> None:
    async with wired(postgres_url) as (wire, url), guarded(url) as database:
        await database.prepare()
        ledger = SqlDecisions(database)
        await ledger.record(samples.decision("warm"))
        wire.hold()
        told = await asyncio.gather(
            *(ledger.record(samples.decision(n), 0.3) for n in range(8)), return_exceptions=True
        )
        assert {type(each) for each in told} == {LedgerUnavailableError}
        before, began, slow = wire.connections, time.monotonic(), 0
        for number in range(200):
            asked = time.monotonic()
            with pytest.raises(LedgerUnavailableError) as away:
                await ledger.record(samples.decision(("stalled", number)), 0.3)
            assert away.type is not LedgerUncertainError
            slow += time.monotonic() - asked > 0.2
            await asyncio.sleep(0.005)
        # One at a time tries, and after longer and longer pauses.
        assert slow <= 1 + (time.monotonic() - began) / 0.5
        assert wire.connections - before <= slow + 4
        wire.go_on()
        began = time.monotonic()
        await until_recorded(ledger, "back")
        assert time.monotonic() - began < 5
        assert await count(database, decision) == 2


async def test_a_ledger_that_refuses_to_write_can_still_be_read(
    postgres: Postgres, postgres_url: str
) -> None:
    async with guarded(postgres_url) as database:
        await database.prepare()
        ledger, new = SqlDecisions(database), samples.decision(1)
        await ledger.record(new)
        refuse = "RAISE EXCEPTION 'no room' USING ERRCODE = '53100'"
        postgres.execute(
            "CREATE OR REPLACE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql"
            f" AS $$ BEGIN {refuse}; END $$",
            name(postgres_url),
        )
        postgres.execute(
            "CREATE TRIGGER meddle BEFORE INSERT ON decision EXECUTE FUNCTION meddle()",
            name(postgres_url),
        )
        try:
            for number in range(20):
                with pytest.raises(LedgerUnavailableError):
                    await ledger.record(samples.decision(("full", number)))
                assert await ledger.standing(new.standing.decision_id) == new.standing
        finally:
            postgres.execute("DROP FUNCTION meddle CASCADE", name(postgres_url))
        await until_recorded(ledger, "room again")
        assert await count(database, decision) == 2


async def test_who_had_hardly_any_time_does_not_make_the_others_fail(url: str) -> None:
    async with guarded(url) as database:
        await database.prepare()
        ledger = SqlDecisions(database)
        for number in range(10):
            with suppress(LedgerUnavailableError):
                await ledger.record(samples.decision(("hasty", number)), 0)
        new = samples.decision(1)
        assert await ledger.record(new) == new.standing


async def test_an_answer_that_is_no_is_an_answer(url: str) -> None:
    async with guarded(url) as database:
        await database.prepare()
        ledger = SqlDecisions(database)
        for _ in range(10):
            with pytest.raises(NotFoundError):
                await ledger.standing(bytes(16))
