import asyncio
from contextlib import suppress

import asyncpg
import pytest
import sqlalchemy as sa

from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase, open_postgres
from sekisho.adapters.sql.schema import decision, decision_event
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.ports.watchlists import FinishedImport
from sekisho.domain.decision import DecisionState
from sekisho.domain.errors import LedgerUnavailableError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened, rows
from tests.adapters.sql.test_watchlists import entry
from tests.adapters.sql.wire import name, wired
from tests.support.postgres import Postgres

KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'sekisho'
"""


async def test_a_commit_whose_reply_was_lost_is_found_and_counts_once(
    postgres_url: str,
) -> None:
    async with wired(postgres_url) as (wire, url), opened(url) as database:
        ledger = SqlDecisions(database)
        await ledger.record(samples.decision("warm"))
        for round_ in range(5):
            wire.cut_at = b"COMMIT"
            new = samples.decision(round_)
            assert await ledger.record(new) == new.standing
            wire.cut_at = b"COMMIT"
            event = samples.event(new.standing, DecisionState.COMPLETED, once=samples.once())
            assert await ledger.append(event) == event.standing
        assert wire.cuts == 10
        assert await count(database, decision) == 6
        assert await count(database, decision_event) == 5


async def test_an_import_whose_last_reply_was_lost_counts_once(postgres_url: str) -> None:
    async with wired(postgres_url) as (wire, url), opened(url) as database:
        lists = SqlWatchlists(database)
        await lists.create(samples.once(), "mules", "", "", samples.NOW)
        for transaction in range(3):
            once = samples.once()
            run = await lists.begin_import(once, "mules")
            assert not isinstance(run, FinishedImport)
            await run.stage([entry(transaction)])
            # Three transactions: the comparison begins, the set is built, the list switches.
            wire.cut_at, wire.skip = b"COMMIT", transaction
            result, gone = await run.activate(samples.NOW, b"digest")
            assert wire.cuts == transaction + 1
            assert (result.added, result.removed) == (1, len(gone))
            assert result.watchlist == await lists.get("mules")
            assert result.watchlist.version == transaction + 2
            assert await lists.begin_import(once, "mules") == FinishedImport(result, b"digest")


async def test_a_lost_connection_is_replaced(postgres: Postgres, postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        ledger = SqlDecisions(database)
        for round_ in range(3):
            new = samples.decision(round_)
            await ledger.record(new)
            postgres.execute(KILL_OTHERS, name(postgres_url))
            assert await ledger.standing(new.standing.decision_id) == new.standing


async def test_a_server_that_is_away_makes_the_ledger_unavailable() -> None:
    database = await open_postgres("postgresql://user:s3crET@127.0.0.1:1/ledger", 1.0)
    with pytest.raises(LedgerUnavailableError) as away:
        await database.mend_feed()
    await database.close()
    assert "crET" not in str(away.value)
    assert away.value.__cause__ is None


async def test_a_server_that_does_not_answer_is_given_up_in_time(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    async with opened(postgres_url, timeout=0.3) as database:
        ledger = SqlDecisions(database)
        new = samples.decision()
        async with connection.transaction():
            await connection.execute("LOCK TABLE decision")
            for ask in (ledger.record(new), ledger.standing(new.standing.decision_id)):
                with pytest.raises(LedgerUnavailableError):
                    await ask
        assert await ledger.record(new) == new.standing
    await connection.close()


async def test_commits_are_durable_where_the_server_would_not_insist(
    postgres: Postgres, postgres_url: str
) -> None:
    postgres.execute(f"ALTER DATABASE {name(postgres_url)} SET synchronous_commit = off")
    try:
        async with opened(postgres_url) as database:
            assert isinstance(database, PostgresDatabase)
            ((setting,),) = await rows(database, sa.text("SHOW synchronous_commit"))
            assert setting == "on"
    finally:
        postgres.execute(f"ALTER DATABASE {name(postgres_url)} RESET synchronous_commit")


async def test_a_transaction_given_up_leaves_nothing_open(postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        ledger = SqlDecisions(database)
        new = samples.decision()
        await ledger.record(new)
        event = samples.event(new.standing, DecisionState.COMPLETED)
        task = asyncio.create_task(ledger.append(event))
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        open_transactions = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
        )
        async with asyncio.timeout(5):
            while (await rows(database, open_transactions))[0][0]:
                await asyncio.sleep(0.01)
        final = await ledger.standing(new.standing.decision_id)
        assert final in (new.standing, event.standing)
