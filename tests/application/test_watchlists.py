"""What leaves a list leaves the cache's index, unless it came back meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.watch_index import RedisWatchlistIndex
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.shops import SqlShops
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.directory import Directory
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Watched
from sekisho.application.ports.watchlists import NewEntry
from sekisho.application.watchlists import Watchlists
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.watched import WatchedIdentifier
from tests.adapters.redis.observing import attempt
from tests.adapters.sql import samples
from tests.support.valkey import Cached, cached, now_ms

Meanwhile = Callable[[], Awaitable[object]]


def entry(number: int) -> NewEntry:
    identifier = WatchedIdentifier("msisdn", f"+8190{number:08}", "+8190****")
    return NewEntry(identifier, "used by a mule", "bank", None, None)


class Index(RedisWatchlistIndex):
    """The index, in which something happens just before identifiers are dropped."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.meanwhile: Meanwhile | None = None

    async def remove(self, watchlist: int, fingerprints: Sequence[Fingerprint]) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        await super().remove(watchlist, fingerprints)


class Lists:
    """A list `mules` with its ledger and its cache."""

    def __init__(self, redis: Cached, database: SqliteDatabase) -> None:
        self.redis = redis
        self.index = Index(redis.connection)
        ledger = SqlWatchlists(database)
        directory = Directory(SqlShops(database), ledger)
        fingerprinter = Fingerprinter([("k1", bytes(32))])
        self.watchlists = Watchlists(ledger, self.index, directory, fingerprinter, now_ms)

    async def take(self, *numbers: int) -> None:
        """Import these numbers in place of what the list has."""
        run = await self.watchlists.begin_import(samples.once("analyst"), "mules")
        await run.add([entry(number) for number in numbers])
        await run.finish(b"\x07" * 16)

    async def add(self, number: int) -> None:
        """Put one more number on the list."""
        await self.watchlists.add_entry(samples.once("analyst"), "mules", entry(number))

    async def indexed(self, *numbers: int) -> list[int]:
        """Return which of these an assessment finds in the cache."""
        by_fingerprint = {
            self.watchlists.entry("mules", entry(number)).fingerprint: number for number in numbers
        }
        watched = [Watched("line", each, False) for each in by_fingerprint]
        observed = await self.redis.observe(attempt(now_ms()), watched=watched)
        return [by_fingerprint[each.fingerprint] for each in observed.watch_candidates]


@pytest.fixture
async def lists(tmp_path: Path) -> AsyncIterator[Lists]:
    upgrade(f"sqlite:///{tmp_path / 'ledger.db'}")
    async with cached(tmp_path / "valkey") as redis:
        await redis.cover()
        await redis.load()
        database = SqliteDatabase(tmp_path / "ledger.db", 10)
        try:
            there = Lists(redis, database)
            await there.watchlists.create(samples.once("analyst"), "mules", "Mules", "")
            yield there
        finally:
            await database.close()


async def test_what_an_import_takes_from_a_list_leaves_the_index(lists: Lists) -> None:
    await lists.take(1, 2, 3)
    assert await lists.indexed(1, 2, 3, 4) == [1, 2, 3]
    await lists.take(3, 4)
    assert await lists.indexed(1, 2, 3, 4) == [3, 4]


async def test_what_is_added_while_an_import_drops_it_stays_in_the_index(lists: Lists) -> None:
    await lists.take(1, 2, 3)
    lists.index.meanwhile = lambda: lists.add(1)
    await lists.take(3)
    assert await lists.indexed(1, 2, 3) == [1, 3]


async def test_what_another_import_stages_while_it_is_dropped_stays_in_the_index(
    lists: Lists,
) -> None:
    await lists.take(1, 2, 3)

    async def begin() -> None:
        run = await lists.watchlists.begin_import(samples.once("analyst"), "mules")
        await run.add([entry(2)])

    lists.index.meanwhile = begin
    await lists.take(3)
    assert await lists.indexed(1, 2, 3) == [2, 3]


async def test_what_another_import_brought_while_it_is_dropped_stays_in_the_index(
    lists: Lists,
) -> None:
    await lists.take(1, 2, 3)
    lists.index.meanwhile = lambda: lists.take(2)
    await lists.take(3)
    assert await lists.indexed(1, 2, 3) == [2]


async def test_what_is_added_while_it_is_removed_stays_in_the_index(lists: Lists) -> None:
    await lists.take(1, 2)
    gone = lists.watchlists.entry("mules", entry(1)).fingerprint
    lists.index.meanwhile = lambda: lists.add(1)
    await lists.watchlists.remove_entry(samples.once("analyst"), "mules", gone)
    assert await lists.indexed(1, 2) == [1, 2]
