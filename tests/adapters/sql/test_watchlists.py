import asyncio
from dataclasses import replace

import pytest

from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.schema import watchlist_entry, watchlist_text
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.ports.watchlists import Watchlist, WatchlistEntry
from sekisho.domain.errors import (
    AbortedError,
    AlreadyExistsError,
    NotFoundError,
    RequestIdReusedError,
)
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

AnyDatabase = SqliteDatabase | PostgresDatabase
NOW = samples.NOW


@pytest.fixture
def lists(database: AnyDatabase) -> SqlWatchlists:
    return SqlWatchlists(database, clock=lambda: NOW)


async def created(lists: SqlWatchlists, name: str = "mules") -> Watchlist:
    return await lists.create(samples.once("analyst"), name, "Mules", "Lines of mules", NOW)


def entry(what: object, watchlist: str = "mules", created_at: int = NOW) -> WatchlistEntry:
    return WatchlistEntry(
        watchlist=watchlist,
        fingerprint=samples.fingerprint(what),
        kind="msisdn",
        masked="+8190****5678",
        weak=False,
        reason="used by a mule",
        source="bank",
        starts_at=None,
        expires_at=NOW + 1,
        created_at=created_at,
    )


async def test_a_new_list_is_empty_and_in_version_1(lists: SqlWatchlists) -> None:
    first = await created(lists)
    assert first == Watchlist("mules", 1, "Mules", "Lines of mules", 1, 0, NOW, NOW)
    assert await lists.get("mules") == first
    assert await lists.versions() == {"mules": 1}
    assert list(await lists.entries("mules", b"", 10)) == []


async def test_a_lists_number_is_never_given_again(lists: SqlWatchlists) -> None:
    first = await created(lists, "one")
    second = await created(lists, "two")
    await lists.delete(samples.once(), "two", None)
    third = await created(lists, "two")
    assert len({first.number, second.number, third.number}) == 3


async def test_a_list_of_the_same_id_exists_only_once(lists: SqlWatchlists) -> None:
    await created(lists)
    with pytest.raises(AlreadyExistsError):
        await created(lists)


async def test_a_repeat_of_a_creation_gets_the_same_list(lists: SqlWatchlists) -> None:
    once = samples.once("analyst")
    first = await lists.create(once, "mules", "Mules", "", NOW)
    assert await lists.create(once, "mules", "Mules", "", NOW + 9) == first
    with pytest.raises(RequestIdReusedError):
        await lists.create(replace(once, body_digest=b""), "other", "", "", NOW)


async def test_lists_come_by_id_after_the_given_one(lists: SqlWatchlists) -> None:
    for name in ("c", "a", "b"):
        await created(lists, name)
    assert [each.id for each in await lists.list("", 2)] == ["a", "b"]
    assert [each.id for each in await lists.list("b", 2)] == ["c"]


async def test_an_entry_is_found_as_it_was_added(lists: SqlWatchlists) -> None:
    await created(lists)
    new = replace(entry("a"), weak=True, starts_at=NOW - 3, expires_at=None, kind="person")
    assert await lists.add_entry(samples.once(), new) == new
    assert list(await lists.find([new.fingerprint, samples.fingerprint("b")])) == [new]
    found = await lists.get("mules")
    assert (found.version, found.entry_count) == (2, 1)


async def test_every_list_that_holds_an_identifier_is_found(lists: SqlWatchlists) -> None:
    for name in ("mules", "stolen", "other"):
        await created(lists, name)
    both = [entry("a", "mules"), entry("a", "stolen")]
    for each in (*both, entry("b", "other")):
        await lists.add_entry(samples.once(), each)
    found = await lists.find([samples.fingerprint("a")] * 2)
    assert sorted(found, key=lambda each: each.watchlist) == both


async def test_an_entry_that_is_replaced_keeps_since_when_it_is_there(
    lists: SqlWatchlists,
) -> None:
    await created(lists)
    await lists.add_entry(samples.once(), entry("a", created_at=NOW - 5))
    newer = replace(entry("a"), reason="another reason", source="police")
    assert await lists.add_entry(samples.once(), newer) == replace(newer, created_at=NOW - 5)
    found = await lists.get("mules")
    assert (found.version, found.entry_count) == (3, 1)


async def test_a_repeat_of_an_entry_adds_nothing(lists: SqlWatchlists) -> None:
    await created(lists)
    once = samples.once()
    first = await lists.add_entry(once, entry("a"))
    await lists.remove_entry(samples.once(), "mules", first.fingerprint)
    assert await lists.add_entry(once, entry("a")) == first
    assert list(await lists.find([first.fingerprint])) == []
    assert (await lists.get("mules")).version == 3


async def test_an_entry_that_is_removed_is_not_found(lists: SqlWatchlists) -> None:
    await created(lists)
    for what in ("a", "b"):
        await lists.add_entry(samples.once(), entry(what))
    once = samples.once()
    await lists.remove_entry(once, "mules", samples.fingerprint("a"))
    await lists.remove_entry(once, "mules", samples.fingerprint("a"))
    assert list(await lists.find([samples.fingerprint("a")])) == []
    found = await lists.get("mules")
    assert (found.version, found.entry_count) == (4, 1)
    with pytest.raises(NotFoundError):
        await lists.remove_entry(samples.once(), "mules", samples.fingerprint("a"))
    assert (await lists.get("mules")).version == 4


async def test_entries_come_by_fingerprint_after_the_given_one(lists: SqlWatchlists) -> None:
    await created(lists)
    every = sorted((entry(n) for n in range(7)), key=lambda each: each.fingerprint)
    for each in every:
        await lists.add_entry(samples.once(), each)
    assert list(await lists.entries("mules", b"", 3)) == every[:3]
    assert list(await lists.entries("mules", every[2].fingerprint, 100)) == every[3:]
    batches = [batch async for batch in lists.fingerprints("mules")]
    assert [each for batch in batches for each in batch] == [each.fingerprint for each in every]


async def test_entries_with_the_same_text_share_it(
    lists: SqlWatchlists, database: AnyDatabase
) -> None:
    await created(lists)
    for number in range(3):
        await lists.add_entry(samples.once(), entry(number))
    await lists.add_entry(samples.once(), replace(entry("x"), reason="another"))
    assert await count(database, watchlist_text) == 2


async def test_a_list_is_deleted_with_its_entries(
    lists: SqlWatchlists, database: AnyDatabase
) -> None:
    await created(lists)
    await lists.add_entry(samples.once(), entry("a"))
    last = await lists.get("mules")
    once = samples.once()
    with pytest.raises(AbortedError):
        await lists.delete(samples.once(), "mules", 1)
    assert await lists.delete(once, "mules", 2) == last
    assert await lists.delete(once, "mules", 2) is None
    assert list(await lists.find([samples.fingerprint("a")])) == []
    assert await lists.versions() == {}
    assert await lists.tidy() > 0
    assert await count(database, watchlist_entry) == 0
    assert await lists.tidy() == 0


async def test_a_list_that_is_not_there_is_not_found(lists: SqlWatchlists) -> None:
    print_ = samples.fingerprint("a")
    with pytest.raises(NotFoundError):
        await lists.get("mules")
    with pytest.raises(NotFoundError):
        await lists.delete(samples.once(), "mules", None)
    with pytest.raises(NotFoundError):
        await lists.add_entry(samples.once(), entry("a"))
    with pytest.raises(NotFoundError):
        await lists.remove_entry(samples.once(), "mules", print_)
    with pytest.raises(NotFoundError):
        await lists.entries("mules", b"", 1)
    with pytest.raises(NotFoundError):
        await lists.begin_import(samples.once(), "mules")
    with pytest.raises(NotFoundError):
        _ = [batch async for batch in lists.fingerprints("mules")]


async def test_a_list_tells_which_of_some_fingerprints_it_holds(lists: SqlWatchlists) -> None:
    await created(lists, "mules")
    await created(lists, "other")
    await lists.add_entry(samples.once(), entry("a"))
    await lists.add_entry(samples.once(), entry("b", "other"))
    asked = [samples.fingerprint(what) for what in ("a", "b", "c")]
    assert await lists.held("mules", asked) == {asked[0]}
    assert await lists.held("nowhere", asked) == frozenset()
    assert await lists.held("mules", []) == frozenset()


async def test_entries_added_over_two_connections_are_all_counted(url: str) -> None:
    async with opened(url) as one, opened(url) as two:
        lists = [SqlWatchlists(one), SqlWatchlists(two)]
        await created(lists[0])
        await asyncio.gather(*(lists[n % 2].add_entry(samples.once(), entry(n)) for n in range(20)))
        found = await lists[0].get("mules")
        assert (found.version, found.entry_count) == (21, 20)
        assert await count(one, watchlist_entry) == 20
