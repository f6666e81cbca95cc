"""Watchlists: lists, their entries and their imports."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial

import sqlalchemy as sa

from sekisho.adapters.sql import counters, once, watchlist_entries
from sekisho.adapters.sql.schema import watchlist, watchlist_import
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Dialect, Statement, Value, insert_each
from sekisho.adapters.sql.watchlist_activate import finished
from sekisho.adapters.sql.watchlist_import import SqlImport
from sekisho.adapters.sql.watchlist_rows import (
    END_IMPORT,
    KEEP_SET,
    LEASE_MS,
    LIST_COLUMNS,
    content,
    found_list,
    no_such_list,
    read_list,
)
from sekisho.adapters.sql.watchlist_sweep import sweep
from sekisho.adapters.sql.wire import decoder
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import (
    FinishedImport,
    Watchlist,
    WatchlistEntry,
    WatchlistImport,
)
from sekisho.domain.errors import AbortedError, AlreadyExistsError

_READ = decoder(Watchlist)
_BATCH = 5_000
_NUMBER = "watchlist"
_SET = "watchlist_set"

_CREATE = insert_each(watchlist, unless=("id",), returning=("id",))
_LIST = Statement(
    lambda _: (
        sa.select(*LIST_COLUMNS)
        .where(watchlist.c.id > sa.bindparam("id", type_=sa.Text))
        .order_by(watchlist.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
)
_LIST_BY_ID = Statement(
    lambda _: sa.select(watchlist.c.id).where(watchlist.c.id == sa.bindparam("id", type_=sa.Text))
)
_VERSIONS = Statement(lambda _: sa.select(watchlist.c.id, watchlist.c.version))
_DELETE = Statement(
    lambda _: (
        sa.delete(watchlist)
        .where(watchlist.c.id == sa.bindparam("id", type_=sa.Text))
        .returning(*LIST_COLUMNS)
    )
)


def _lease(dialect: Dialect) -> sa.ClauseElement:
    """Take the lease of an import, unless another is alive."""
    statement = dialect.insert(watchlist_import).values(
        {c.name: sa.bindparam(c.name, type_=c.type) for c in watchlist_import.columns}
    )
    return statement.on_conflict_do_update(
        index_elements=["watchlist"],
        set_={name: statement.excluded[name] for name in ("set_id", "heartbeat_at", "activating")},
        where=watchlist_import.c.heartbeat_at < sa.bindparam("stale", type_=sa.BigInteger),
    ).returning(watchlist_import.c.set_id)


_LEASE = Statement(_lease)


def _wall_clock() -> int:
    return time.time_ns() // 1_000_000


class SqlWatchlists:
    """Implements WatchlistLedger. `clock` (Unix ms) tells whether an import is still alive."""

    def __init__(self, database: Database, clock: Callable[[], int] = _wall_clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, once: Once, watchlist_id: str, display_name: str, description: str, now: int
    ) -> Watchlist:
        """Create an empty list, version 1."""
        script = partial(_create, once, watchlist_id, display_name, description, now)
        return await self._database.write(script)

    async def get(self, watchlist_id: str) -> Watchlist:
        """Return a list."""
        return (await self._database.read(partial(found_list, watchlist_id)))[0]

    async def list(self, after: str, most: int) -> Sequence[Watchlist]:
        """Return lists by id, after the given one."""
        return await self._database.read(partial(_list, after, most))

    async def delete(self, once: Once, watchlist_id: str, version: int | None) -> Watchlist | None:
        """Delete a list; its entries count no more, and are swept later."""
        script = partial(_delete, once, watchlist_id, version, self._clock())
        return await self._database.write(script)

    async def add_entry(self, once: Once, entry: WatchlistEntry) -> WatchlistEntry:
        """Add or replace an entry."""
        script = partial(watchlist_entries.add, once, entry, self._clock())
        return await self._database.write(script)

    async def remove_entry(self, once: Once, watchlist_id: str, fingerprint: Fingerprint) -> None:
        """Remove an entry."""
        script = partial(watchlist_entries.remove, once, watchlist_id, fingerprint, self._clock())
        await self._database.write(script)

    async def entries(
        self, watchlist_id: str, after: Fingerprint, most: int
    ) -> Sequence[WatchlistEntry]:
        """Return entries by fingerprint, after the given one."""
        return await self._database.read(partial(watchlist_entries.page, watchlist_id, after, most))

    async def find(self, fingerprints: Sequence[Fingerprint]) -> Sequence[WatchlistEntry]:
        """Return every entry of every list with one of these fingerprints."""
        return await self._database.read(partial(watchlist_entries.find, fingerprints))

    async def held(
        self, watchlist_id: str, fingerprints: Sequence[Fingerprint]
    ) -> frozenset[Fingerprint]:
        """Return those that the list holds, or an import has staged."""
        script = partial(watchlist_entries.held, watchlist_id, fingerprints)
        return await self._database.read(script)

    async def unchanged(self, watchlist_id: str, version: int) -> bool:
        """Return whether the list still is in this version, and nobody imports into it."""
        script = partial(watchlist_entries.unchanged, watchlist_id, version)
        return await self._database.read(script)

    async def begin_import(self, once: Once, watchlist_id: str) -> WatchlistImport | FinishedImport:
        """Begin an import, or return what the same request's did."""
        begun = await self._database.write(partial(_begin, once, watchlist_id, self._clock()))
        if isinstance(begun, FinishedImport):
            return begun
        return SqlImport(self._database, once, watchlist_id, begun, self._clock)

    async def fingerprints(self, watchlist_id: str) -> AsyncIterator[Sequence[Fingerprint]]:
        """Iterate over a list's fingerprints in batches, in the version that it has now."""
        _, set_id = await self._database.read(partial(found_list, watchlist_id))
        after = b""
        while True:
            script = watchlist_entries.fingerprints_of(set_id, after, _BATCH)
            batch = await self._database.read(script)
            if batch:
                yield batch
            if len(batch) < _BATCH:
                return
            after = batch[-1]

    async def versions(self) -> Mapping[str, int]:
        """Return the current version of every list."""
        return await self._database.read(_versions)

    async def tidy(self) -> int:
        """Delete what replaced, deleted and abandoned lists left; return how many rows."""
        return await sweep(self._database, self._clock())


def _create(
    request: Once, watchlist_id: str, display_name: str, description: str, now: int
) -> Script[Watchlist]:
    done = yield from once.done_before(request)
    if done is not None:
        return _READ.decode(done)
    created = yield from _made(watchlist_id, display_name, description, now)
    if created is None:
        raise AlreadyExistsError("a watchlist of this id exists")
    yield from once.keep(request, content(created), now)
    return created


def make_unless_there(watchlist_id: str, now: int) -> Script[None]:
    """Make an empty list within a transaction, where there is none of this id."""
    if not (yield _LIST_BY_ID(id=watchlist_id)):
        yield from _made(watchlist_id, "", "", now)


def _made(
    watchlist_id: str, display_name: str, description: str, now: int
) -> Script[Watchlist | None]:
    """Make a list; None where there is one of this id."""
    number = yield from counters.following(_NUMBER)
    set_id = yield from _new_set()
    created = Watchlist(
        id=watchlist_id,
        number=number,
        display_name=display_name,
        description=description,
        version=1,
        entry_count=0,
        created_at=now,
        updated_at=now,
    )
    row: dict[str, Value] = {
        "id": watchlist_id,
        "number": number,
        "set_id": set_id,
        "display_name": display_name,
        "description": description,
        "version": 1,
        "entry_count": 0,
        "created_at": now,
        "updated_at": now,
    }
    return created if (yield _CREATE.each([row])) else None


def _new_set() -> Script[int]:
    set_id = yield from counters.following(_SET)
    yield KEEP_SET.each([{"id": set_id}])
    return set_id


def _list(after: str, most: int) -> Script[Sequence[Watchlist]]:
    rows = yield _LIST(id=after, most=most)
    return [read_list(row) for row in rows]


def _delete(
    request: Once, watchlist_id: str, version: int | None, now: int
) -> Script[Watchlist | None]:
    if (yield from once.done_before(request)) is not None:
        return None
    yield from found_list(watchlist_id)
    rows = yield _DELETE(id=watchlist_id)
    # Of the row as it was deleted: nobody changed it since.
    if not rows:
        raise no_such_list()
    if version is not None and read_list(rows[0]).version != version:
        raise AbortedError("the watchlist has another version by now")
    yield END_IMPORT(id=watchlist_id)
    yield from once.keep(request, b"", now)
    return read_list(rows[0])


def _begin(request: Once, watchlist_id: str, now: int) -> Script[FinishedImport | int]:
    done = yield from finished(request)
    if done is not None:
        return done
    yield from found_list(watchlist_id)
    set_id = yield from _new_set()
    lease = yield _LEASE(
        watchlist=watchlist_id,
        set_id=set_id,
        heartbeat_at=now,
        activating=False,
        stale=now - LEASE_MS,
    )
    if not lease:
        raise AbortedError("another import of this watchlist is under way")
    return set_id


def _versions() -> Script[Mapping[str, int]]:
    rows = yield _VERSIONS()
    return dict(rows)
