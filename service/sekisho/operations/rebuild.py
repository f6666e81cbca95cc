"""Rebuilding the cache from the ledger, beside a service or without one.

What the cache holds is only disclaimed, not deleted: its marks go, so that nobody counts on it,
and every row of the ledger is written once more. A try is the same member each time, so a
service that runs beside loses nothing and doubles nothing; its own projector shares the work.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.embedded import EmbeddedValkey, EmbeddedValkeyError
from sekisho.adapters.redis.projection import TIMEOUT, RedisProjectionStore
from sekisho.adapters.redis.watch_index import RedisWatchlistIndex
from sekisho.adapters.sql import migrate
from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.open_ledger import open_database
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.load_watchlists import LoadWatchlists
from sekisho.application.periodic import repeat
from sekisho.application.projector import Progress, Projector
from sekisho.domain.errors import (
    CacheUnavailableError,
    FailedPreconditionError,
    SekishoError,
    UnavailableError,
)
from sekisho.operations.stores import cache_url, valkey_folder
from sekisho.settings import Settings

LEDGER_SECONDS = 30.0
"""Longest wait for the ledger: nobody stands at a counter for this."""
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """How far it is. `rows` is how many this process has written; another may write too."""

    progress: Progress | None
    """None while the cache has marks to begin with, or cannot be asked."""
    watchlists: bool
    """Whether every list is loaded in its current version."""
    rows: int
    waiting: str = ""
    """Which store does not answer."""

    @property
    def complete(self) -> bool:
        """Whether the cache holds all of the ledger."""
        return self.progress is not None and self.progress.complete and self.watchlists


async def rebuild(settings: Settings, told: Callable[[Rebuilding], None]) -> None:
    """Rebuild the cache; `told` hears several times a second how far it is.

    Raises SekishoError where it cannot begin. A store that goes away later is waited for.
    """
    found = await asyncio.to_thread(migrate.current, settings.database_url)
    if found != migrate.latest():
        raise FailedPreconditionError(
            f"the ledger's schema is at {found or 'nothing'}, and this build needs"
            f" {migrate.latest()}: start the service or run `sekisho migrate` first",
            "SCHEMA",
        )
    async with _opened(settings, start=True) as stores:
        for tag in range(len(keys.COVERAGE_KEYS)):
            marks = (keys.COVERAGE_KEYS[tag], keys.INDEX_KEYS[tag])
            await stores.connection.command("UNLINK", *marks, timeout=TIMEOUT, tag=tag)
        work = [
            asyncio.create_task(stores.projector.run()),
            asyncio.create_task(repeat("watchlists", stores.load, 1)),
        ]
        try:
            await _follow(stores, told)
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)


async def watch(settings: Settings, told: Callable[[Rebuilding], None]) -> None:
    """Follow what a running service rebuilds, until that is complete; change nothing.

    Raises SekishoError where the stores cannot be asked.
    """
    async with _opened(settings, start=False) as stores:
        await stores.projector.progress()
        await _follow(stores, told)


@dataclass(frozen=True, slots=True)
class _Stores:
    connection: Connection
    projector: Projector
    index: RedisWatchlistIndex
    lists: SqlWatchlists
    load: LoadWatchlists

    async def loaded(self) -> bool:
        """Whether the cache holds every list in its current version, or a later one."""
        versions, marks = await self.lists.versions(), await self.index.marks()
        return len(marks) == len(keys.INDEX_KEYS) and all(
            mark.versions.get(name, 0) >= version
            for mark in marks.values()
            for name, version in versions.items()
        )


async def _follow(stores: _Stores, told: Callable[[Rebuilding], None]) -> None:
    while True:
        rows = stores.projector.rows
        try:
            state = Rebuilding(await stores.projector.progress(), await stores.loaded(), rows)
        except UnavailableError as error:
            state = Rebuilding(None, False, rows, str(error))
        told(state)
        if state.complete:
            return
        await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def _opened(settings: Settings, *, start: bool) -> AsyncIterator[_Stores]:
    """Open the stores; `start` the embedded Valkey where it does not run."""
    async with AsyncExitStack() as stack:
        url = cache_url(settings)
        if url is None and not start:
            raise CacheUnavailableError(
                "the embedded Valkey does not run: start the service, then watch it"
            )
        if url is None:
            valkey = EmbeddedValkey(valkey_folder(settings))
            stack.push_async_callback(valkey.stop)
            try:
                await valkey.start()
            except EmbeddedValkeyError as error:
                raise CacheUnavailableError(str(error)) from None
            url = valkey.url
        try:
            connection = Connection(url, settings.redis_ca_file)
        except (OSError, ValueError) as error:
            raise SekishoError(f"the cache's URL or CA cannot be used: {error}") from None
        stack.push_async_callback(connection.close)
        database = await open_database(settings.database_url, LEDGER_SECONDS)
        stack.push_async_callback(database.close)
        index, lists = RedisWatchlistIndex(connection), SqlWatchlists(database)
        store = RedisProjectionStore(connection, now_ms)
        projector = Projector(SqlFeed(database), store, now_ms)
        yield _Stores(connection, projector, index, lists, LoadWatchlists(lists, index))


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
