"""Sweeping what no watchlist needs any more: sets replaced, deleted or never finished."""

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa

from sekisho.adapters.sql.schema import (
    watchlist,
    watchlist_entry,
    watchlist_import,
    watchlist_set,
    watchlist_staged,
    watchlist_text,
)
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Statement
from sekisho.application.politely import PIECE, politely

FORGOTTEN_MS = 3_600_000
"""An import that was silent for this long has no process any more."""

_set_id = sa.bindparam("set_id", type_=sa.BigInteger)


def _some_of(table: sa.Table) -> Statement:
    """Build the deletion of some rows of a set; it returns one for each."""
    key = tuple(table.primary_key.columns)
    some = sa.select(*key).where(table.c.set_id == _set_id).order_by(*key).limit(PIECE)
    return Statement(
        lambda _: sa.delete(table).where(sa.tuple_(*key).in_(some)).returning(table.c.set_id)
    )


_TABLES = [_some_of(table) for table in (watchlist_staged, watchlist_entry, watchlist_text)]
_FORGET = Statement(
    lambda _: sa.delete(watchlist_import).where(
        watchlist_import.c.heartbeat_at < sa.bindparam("stale", type_=sa.BigInteger)
    )
)
_NEEDLESS = Statement(
    lambda _: sa.select(watchlist_set.c.id).where(
        watchlist_set.c.id.not_in(sa.select(watchlist.c.set_id)),
        watchlist_set.c.id.not_in(sa.select(watchlist_import.c.set_id)),
    )
)
_STAGED = Statement(
    # What an import staged for a set that is a list's own now.
    lambda _: sa.select(watchlist_set.c.id).where(
        watchlist_set.c.id.in_(sa.select(watchlist.c.set_id)),
        sa.exists(
            sa.select(watchlist_staged.c.set_id).where(
                watchlist_staged.c.set_id == watchlist_set.c.id
            )
        ),
    )
)
_END = Statement(lambda _: sa.delete(watchlist_set).where(watchlist_set.c.id == _set_id))


async def sweep(database: Database, now: int) -> int:
    """Delete what is not needed, a little in each transaction; return how many rows."""
    swept = 0
    needless, staged = await database.write(partial(_look, now), background=True)
    for set_id in staged:
        swept += await _empty(database, _TABLES[0], set_id)
    for set_id in needless:
        for table in _TABLES:
            swept += await _empty(database, table, set_id)
        await database.write(partial(_end, set_id), background=True)
    return swept


async def _empty(database: Database, some: Statement, set_id: int) -> int:
    swept = 0
    delete = partial(_delete, some, set_id)
    while gone := await politely(database.write(delete, background=True)):
        swept += gone
    return swept


def _look(now: int) -> Script[tuple[Sequence[int], Sequence[int]]]:
    yield _FORGET(stale=now - FORGOTTEN_MS)
    needless = yield _NEEDLESS()
    staged = yield _STAGED()
    return [row[0] for row in needless], [row[0] for row in staged]


def _delete(some: Statement, set_id: int) -> Script[int]:
    return len((yield some(set_id=set_id)))


def _end(set_id: int) -> Script[None]:
    yield _END(set_id=set_id)
