import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sekisho.adapters.sql import watchlist_activate
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import (
    watchlist_entry,
    watchlist_import,
    watchlist_set,
    watchlist_staged,
    watchlist_text,
)
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.watchlist_import import SqlImport
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import (
    FinishedImport,
    ImportResult,
    WatchlistEntry,
    WatchlistImport,
)
from sekisho.domain.errors import AbortedError, NotFoundError, RequestIdReusedError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened
from tests.adapters.sql.test_watchlists import created, entry

AnyDatabase = SqliteDatabase | PostgresDatabase
NOW = samples.NOW
DIGEST = b"\x07" * 16


class Clock:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lists(database: AnyDatabase, clock: Clock) -> SqlWatchlists:
    return SqlWatchlists(database, clock)


async def begun(lists: SqlWatchlists, once: Once | None = None) -> WatchlistImport:
    run = await lists.begin_import(once or samples.once(), "mules")
    assert isinstance(run, SqlImport)
    return run


async def imported(
    lists: SqlWatchlists, entries: Sequence[WatchlistEntry], once: Once | None = None
) -> tuple[ImportResult, set[bytes]]:
    run = await begun(lists, once)
    await run.stage(entries)
    result, gone = await run.activate(NOW, DIGEST)
    return result, set(gone)


async def held(lists: SqlWatchlists) -> dict[bytes, WatchlistEntry]:
    return {each.fingerprint: each for each in await lists.entries("mules", b"", 100_000)}


@pytest.mark.parametrize("piece", [500, 10])
async def test_an_import_replaces_the_lists_entries(
    lists: SqlWatchlists, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(watchlist_activate, "PIECE", piece)
    await created(lists)
    old = [entry(n, created_at=NOW - 9) for n in range(300)]
    await imported(lists, old)
    new = [replace(entry(n), reason="newly told") for n in range(200, 700)]
    result, gone = await imported(lists, new)
    assert result == ImportResult(await lists.get("mules"), 400, 200, 100, 0)
    assert (result.watchlist.version, result.watchlist.entry_count) == (3, 500)
    assert gone == {each.fingerprint for each in old[:200]}
    # What was on the list before has been there since then.
    expected = [*(replace(e, created_at=NOW - 9) for e in new[:100]), *new[100:]]
    assert await held(lists) == {each.fingerprint: each for each in expected}


async def test_the_last_entry_of_the_same_identifier_counts(lists: SqlWatchlists) -> None:
    await created(lists)
    last = replace(entry("a"), reason="the last")
    result, _ = await imported(lists, [entry("a"), entry("b"), entry("a"), last])
    assert (result.added, result.duplicates) == (2, 2)
    assert (await held(lists))[last.fingerprint] == last


async def test_the_old_version_counts_until_the_import_is_activated(lists: SqlWatchlists) -> None:
    await created(lists)
    await lists.add_entry(samples.once(), entry("old"))
    run = await begun(lists)
    await run.stage([entry("new")])
    assert set(await held(lists)) == {samples.fingerprint("old")}
    assert (await lists.get("mules")).version == 2
    # But one who drops identifiers from the cache must spare those that are staged.
    asked = [samples.fingerprint(what) for what in ("old", "new", "none")]
    assert await lists.held("mules", asked) == set(asked[:2])
    await run.activate(NOW, DIGEST)
    assert set(await held(lists)) == {samples.fingerprint("new")}
    assert await lists.held("mules", asked) == {asked[1]}


async def test_an_import_of_nothing_empties_the_list(lists: SqlWatchlists) -> None:
    await created(lists)
    await imported(lists, [entry("a")])
    result, gone = await imported(lists, [])
    assert (result.added, result.removed, result.kept) == (0, 1, 0)
    assert gone == {samples.fingerprint("a")}
    assert (await lists.get("mules")).entry_count == 0


async def test_a_repeat_of_a_finished_import_is_told_what_it_did(lists: SqlWatchlists) -> None:
    await created(lists)
    once = samples.once("analyst", body=b"head")
    result, _ = await imported(lists, [entry("a")], once)
    assert await lists.begin_import(once, "mules") == FinishedImport(result, DIGEST)
    # Only the head is known at the beginning; the caller compares the whole stream.
    other_head = replace(once, body_digest=b"other")
    assert await lists.begin_import(other_head, "mules") == FinishedImport(result, DIGEST)


async def test_a_request_id_of_another_method_is_refused(lists: SqlWatchlists) -> None:
    once = samples.once("analyst")
    await lists.create(once, "mules", "", "", NOW)
    with pytest.raises(RequestIdReusedError):
        await lists.begin_import(once, "mules")


async def test_only_one_import_of_a_list_is_under_way(lists: SqlWatchlists) -> None:
    await created(lists)
    run = await begun(lists)
    with pytest.raises(AbortedError):
        await lists.begin_import(samples.once(), "mules")
    await run.discard()
    await run.discard()
    await begun(lists)


async def test_of_two_imports_at_once_over_two_connections_one_begins(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        lists = [SqlWatchlists(one), SqlWatchlists(two)]
        await created(lists[0])
        outcomes = await asyncio.gather(
            *(each.begin_import(samples.once(), "mules") for each in lists), return_exceptions=True
        )
        assert sorted(isinstance(each, AbortedError) for each in outcomes) == [False, True]


async def test_an_import_whose_process_died_is_taken_over_after_a_minute(
    lists: SqlWatchlists, clock: Clock
) -> None:
    await created(lists)
    dead = await begun(lists)
    await dead.stage([entry("dead")])
    clock.now += 60_000
    with pytest.raises(AbortedError):
        await lists.begin_import(samples.once(), "mules")
    await dead.stage([entry("still alive")])
    clock.now += 60_001
    result, _ = await imported(lists, [entry("a")])
    assert result.added == 1
    for late in (dead.stage([entry("too late")]), dead.activate(NOW, DIGEST)):
        with pytest.raises(AbortedError):
            await late
    assert set(await held(lists)) == {samples.fingerprint("a")}


async def test_a_list_that_was_deleted_meanwhile_takes_no_import(lists: SqlWatchlists) -> None:
    await created(lists)
    run = await begun(lists)
    await lists.delete(samples.once(), "mules", None)
    with pytest.raises(AbortedError):
        await run.stage([entry("a")])
    with pytest.raises(AbortedError):
        await run.activate(NOW, DIGEST)
    with pytest.raises(NotFoundError):
        await lists.get("mules")


async def test_entries_wait_while_an_import_takes_over(
    lists: SqlWatchlists, clock: Clock, database: AnyDatabase
) -> None:
    await created(lists)
    await lists.add_entry(samples.once(), entry("a"))
    run = await begun(lists)
    await run.stage([entry("b")])
    await lists.add_entry(samples.once(), entry("c"))
    assert isinstance(run, SqlImport)
    await database.write(run.activation().begin)
    with pytest.raises(AbortedError):
        await lists.add_entry(samples.once(), entry("d"))
    with pytest.raises(AbortedError):
        await lists.remove_entry(samples.once(), "mules", samples.fingerprint("a"))
    # Its process died while it took over: the entries go on without it.
    clock.now += 60_001
    await lists.add_entry(samples.once(), entry("d"))
    with pytest.raises(AbortedError):
        await run.activate(NOW, DIGEST)
    assert set(await held(lists)) == {samples.fingerprint(what) for what in "acd"}


async def test_what_imports_leave_behind_is_swept(
    lists: SqlWatchlists, database: AnyDatabase, clock: Clock
) -> None:
    await created(lists)
    await imported(lists, [entry(n) for n in range(3_000)])
    await imported(lists, [entry(n) for n in range(2_999, 3_003)])
    abandoned = await begun(lists)
    await abandoned.stage([entry("abandoned")])
    await lists.tidy()
    assert await count(database, watchlist_entry) == 4
    assert await count(database, watchlist_staged) == 1
    assert await count(database, watchlist_set) == 2
    clock.now += 3_600_001
    assert await lists.tidy() > 0
    assert await count(database, watchlist_staged) == 0
    assert await count(database, watchlist_import) == 0
    assert await count(database, watchlist_set) == 1
    assert await count(database, watchlist_text) == 1
    assert len(await held(lists)) == 4
    assert await lists.tidy() == 0


async def test_texts_are_kept_apart_where_a_list_repeats_none(
    lists: SqlWatchlists, database: AnyDatabase
) -> None:
    await created(lists)
    every = [replace(entry(n), reason=f"reason {n}") for n in range(5_000)]
    await imported(lists, every)
    assert await held(lists) == {each.fingerprint: each for each in every}
    assert await count(database, watchlist_text) == 5_000


async def test_decisions_are_recorded_while_an_import_runs(
    lists: SqlWatchlists, database: AnyDatabase
) -> None:
    await created(lists)
    ledger = SqlDecisions(database)
    done = asyncio.Event()
    recorded = 0

    async def decide() -> None:
        nonlocal recorded
        while not done.is_set():
            await ledger.record(samples.decision(recorded))
            recorded += 1

    async with asyncio.TaskGroup() as group:
        group.create_task(decide())
        result, _ = await imported(lists, [entry(n) for n in range(20_000)])
        done.set()
    assert result.added == 20_000
    # Every one of some thirty transactions of the import lets others go first.
    assert recorded >= 10
