"""What a caller is told where PostgreSQL fails, and what is in the ledger afterwards."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.postgres import open_postgres
from sekisho.adapters.sql.schema import decision
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import Verdict
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError, NotFoundError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import TIMEOUT, count, opened
from tests.adapters.sql.wire import name, wired
from tests.support.postgres import Postgres, running

IN_COMMIT = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND query = 'COMMIT' AND state = 'active'
"""


@asynccontextmanager
async def at_insert(
    postgres: Postgres, url: str, body: str, *, deferred: bool = False
) -> AsyncIterator[None]:
    """Have PostgreSQL do something when a decision is inserted, or at its commit."""
    when = "DEFERRABLE INITIALLY DEFERRED" if deferred else ""
    for statement in (
        "CREATE OR REPLACE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body}; RETURN NULL; END $$",
        f"CREATE CONSTRAINT TRIGGER meddle AFTER INSERT ON decision {when}"
        " FOR EACH ROW EXECUTE FUNCTION meddle()",
    ):
        postgres.execute(statement, name(url))
    try:
        yield
    finally:
        postgres.execute("DROP FUNCTION meddle CASCADE", name(url))


async def told(ledger: SqlDecisions, new: NewDecision, timeout: float = 10) -> type[Exception]:
    """Record, and return which of the two errors came."""
    with pytest.raises(LedgerUnavailableError) as failed:
        await ledger.record(new, timeout)
    assert failed.value.__cause__ is None
    return failed.type


async def in_commit(url: str) -> int:
    """Wait until a backend is in a COMMIT; return its process."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(10):
            while (pid := await connection.fetchval(IN_COMMIT)) is None:
                await asyncio.sleep(0.01)
        return int(pid)
    finally:
        await connection.close()


@pytest.mark.parametrize("lose", [True, False], ids=["not-received", "received"])
@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
async def test_a_record_cut_at_any_place_is_uncertain_from_its_commit_on(
    postgres_url: str, lose: bool, warm: bool
) -> None:
    async with wired(postgres_url) as (wire, url), opened(postgres_url) as direct:
        place, kinds, recorded = 0, [], 0
        while True:
            async with opened(url, timeout=2) as database:
                ledger = SqlDecisions(database)
                if warm:
                    await ledger.record(samples.decision(("warm", place), verdict=Verdict.STEP_UP))
                before = await count(direct, decision)
                new = samples.decision(place, verdict=Verdict.STEP_UP)
                wire.cut_at, wire.skip, wire.lose, wire.refuse_after = b"", place, lose, True
                try:
                    await ledger.record(new)
                    break
                except LedgerUnavailableError as error:
                    kinds.append(type(error))
                committing = b"COMMIT" in wire.last
                written = await count(direct, decision) - before
                assert (kinds[-1] is LedgerUncertainError) == committing
                assert written == (committing and not lose)
                wire.refusing = False
                # A repeat, though another was decided: what is stored stands, once.
                assert (await SqlDecisions(direct).record(new)) == new.standing
                assert await count(direct, decision) == before + 1
            place += 1
            recorded += written
        assert kinds.count(LedgerUncertainError) == 1
        assert kinds[-1] is LedgerUncertainError
        assert len(kinds) >= (4 if warm else 8)
        assert recorded == (not lose)


async def test_replies_that_mean_nothing_are_a_lost_connection(postgres_url: str) -> None:
    async with wired(postgres_url) as (wire, url), opened(url, timeout=1) as database:
        ledger = SqlDecisions(database)
        await ledger.record(samples.decision("before"))
        expected = {LedgerUnavailableError, LedgerUncertainError, NotFoundError}
        failed = 0
        for seed in range(60):
            wire.garble = random.Random(seed)
            outcomes = await asyncio.gather(
                ledger.record(samples.decision(seed), 0.5),
                ledger.standing(samples.decision(seed).standing.decision_id),
                return_exceptions=True,
            )
            wire.garble = None
            errors = [each for each in outcomes if isinstance(each, BaseException)]
            assert {type(each) for each in errors} <= expected, errors
            failed += bool(errors)
            # The connections that it happened on are not used again.
            await ledger.record(samples.decision(("after", seed)))
        assert failed > 50


async def test_an_uncertain_commit_stays_uncertain_while_all_that_follows_fails(
    postgres_url: str,
) -> None:
    async with wired(postgres_url) as (wire, url), opened(url) as database:
        ledger = SqlDecisions(database)
        await ledger.record(samples.decision("warm"))
        wire.cut_at, wire.refuse_after = b"COMMIT", True
        before = wire.connections
        assert await told(ledger, samples.decision(1), 0.5) is LedgerUncertainError
        # It asked again and again.
        assert wire.connections > before + 1
        wire.refusing = False
        assert await count(database, decision) == 2


async def test_a_commit_refused_by_the_server_was_not_written(
    postgres: Postgres, postgres_url: str
) -> None:
    async with opened(postgres_url) as database:
        ledger, new = SqlDecisions(database), samples.decision(1)
        refuse = "RAISE EXCEPTION 'no room' USING ERRCODE = '53100'"
        async with at_insert(postgres, postgres_url, refuse, deferred=True):
            assert await told(ledger, new) is LedgerUnavailableError
        assert await count(database, decision) == 0
        assert await ledger.record(new) == new.standing


async def test_a_full_disk_is_told_at_once(postgres: Postgres, postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        ledger, new = SqlDecisions(database), samples.decision(1)
        refuse = "RAISE EXCEPTION 'no room' USING ERRCODE = '53100'"
        async with at_insert(postgres, postgres_url, refuse):
            began = time.monotonic()
            assert await told(ledger, new) is LedgerUnavailableError
            assert time.monotonic() - began < 5
        assert await count(database, decision) == 0
        assert await ledger.record(new) == new.standing


async def test_a_read_only_ledger_is_told_at_once_and_can_be_read(
    postgres: Postgres, postgres_url: str
) -> None:
    database_name = name(postgres_url)
    new, later = samples.decision(1), samples.decision(2)
    async with opened(postgres_url) as database:
        await SqlDecisions(database).record(new)
    postgres.execute(f"ALTER DATABASE {database_name} SET default_transaction_read_only = on")
    try:
        database = await open_postgres(postgres_url, TIMEOUT)
        ledger = SqlDecisions(database)
        began = time.monotonic()
        assert await told(ledger, later) is LedgerUnavailableError
        assert time.monotonic() - began < 5
        assert await ledger.standing(new.standing.decision_id) == new.standing
        assert await count(database, decision) == 1
        await database.close()
    finally:
        postgres.execute(f"ALTER DATABASE {database_name} RESET default_transaction_read_only")


async def test_a_server_with_no_connection_left_is_told_at_once(
    postgres: Postgres, postgres_url: str
) -> None:
    for statement in (
        "DROP OWNED BY crowded; DROP ROLE crowded",
        "CREATE ROLE crowded LOGIN CONNECTION LIMIT 1",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO crowded",
    ):
        try:
            postgres.execute(statement, name(postgres_url))
        except asyncpg.UndefinedObjectError:
            continue
    url = postgres_url.replace("postgres:@", "crowded:@")
    assert url != postgres_url
    holding = await asyncpg.connect(url)
    database = await open_postgres(url, TIMEOUT)
    ledger, new = SqlDecisions(database), samples.decision(1)
    assert await told(ledger, new) is LedgerUnavailableError
    await holding.close()
    async with asyncio.timeout(10):
        while True:
            try:
                assert await ledger.record(new) == new.standing
                break
            except LedgerUnavailableError:
                await asyncio.sleep(0.01)
    assert await count(database, decision) == 1
    await database.close()


@pytest.mark.destructive
async def test_a_backend_killed_in_mid_commit_leaves_it_uncertain(
    postgres: Postgres, postgres_url: str
) -> None:
    async with wired(postgres_url) as (wire, url), opened(url) as database:
        ledger, new = SqlDecisions(database), samples.decision(1)
        await ledger.record(samples.decision("warm"))
        async with at_insert(postgres, postgres_url, "PERFORM pg_sleep(30)", deferred=True):
            recording = asyncio.create_task(told(ledger, new, 1))
            pid = await in_commit(postgres_url)
            wire.refusing = True
            postgres.execute(f"SELECT pg_terminate_backend({pid})", name(postgres_url))
            assert await recording is LedgerUncertainError
        wire.refusing = False
        assert await count(database, decision) == 1
        assert await ledger.record(new) == new.standing


@pytest.mark.slow
@pytest.mark.destructive
async def test_a_server_that_crashes_in_mid_commit_and_comes_back_holds_it_once() -> None:
    with running() as server:
        url = server.url(server.new_database())
        await asyncio.to_thread(upgrade, url)
        server.execute("CREATE TABLE meddling AS SELECT 1", name(url))
        slow = "IF EXISTS (SELECT FROM meddling) THEN PERFORM pg_sleep(30); END IF"
        async with opened(url, timeout=20) as database:
            ledger, new = SqlDecisions(database), samples.decision(1)
            async with at_insert(server, url, slow, deferred=True):
                recording = asyncio.create_task(ledger.record(new))
                # All backends end with the one that is killed, and the server recovers.
                os.kill(await in_commit(url), signal.SIGKILL)
                async with asyncio.timeout(15):
                    while True:
                        try:
                            server.execute("DELETE FROM meddling", name(url))
                            break
                        except (OSError, asyncpg.PostgresError):
                            await asyncio.sleep(0.05)
                try:
                    assert await recording == new.standing
                except LedgerUncertainError:
                    # Recovery may take longer than the patience: then a repeat finds out.
                    assert await ledger.record(new) == new.standing
            assert await count(database, decision) == 1


async def test_who_gives_up_during_a_slow_commit_is_told_that_it_is_uncertain(
    postgres: Postgres, postgres_url: str
) -> None:
    async with opened(postgres_url) as database:
        ledger, new = SqlDecisions(database), samples.decision(1)
        async with at_insert(postgres, postgres_url, "PERFORM pg_sleep(0.6)", deferred=True):
            assert await told(ledger, new, 0.3) is LedgerUncertainError
            assert await ledger.record(new) == new.standing
        assert await count(database, decision) == 1


async def test_who_gives_up_before_the_commit_is_never_written_and_its_neighbour_is(
    postgres: Postgres, postgres_url: str
) -> None:
    async with opened(postgres_url) as database:
        ledger = SqlDecisions(database)
        hasty, patient = samples.decision("hasty"), samples.decision("patient")
        async with at_insert(postgres, postgres_url, "PERFORM pg_sleep(0.2)"):
            outcomes = await asyncio.gather(
                told(ledger, hasty, 0.1), ledger.record(patient), return_exceptions=True
            )
        assert list(outcomes) == [LedgerUnavailableError, patient.standing]
        assert await count(database, decision) == 1
        assert await ledger.record(hasty) == hasty.standing


async def test_a_server_that_stalls_costs_a_caller_its_time_and_the_next_ones_connections_none(
    postgres_url: str,
) -> None:
    async with wired(postgres_url) as (wire, url), opened(url) as database:
        ledger = SqlDecisions(database)
        await ledger.record(samples.decision("warm"))
        wire.hold()
        # Reads that hang take no connection from the decisions.
        reads = [asyncio.create_task(ledger.standing(bytes(16))) for _ in range(20)]
        given_up = [samples.decision(number) for number in range(10)]
        began = time.monotonic()
        kinds = await asyncio.gather(*(told(ledger, new, 0.3) for new in given_up))
        assert time.monotonic() - began < 2
        assert set(kinds) == {LedgerUnavailableError}
        wire.go_on()
        for new in [samples.decision(number) for number in range(20, 25)]:
            assert await ledger.record(new, 5) == new.standing
        await asyncio.gather(*reads, return_exceptions=True)
        # None of those whose callers were told that it is not written.
        assert await count(database, decision) == 6
