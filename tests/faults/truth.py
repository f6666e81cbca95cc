"""Reads what ledger and cache hold, past the service."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

import sqlalchemy as sa

from sekisho.adapters.redis import keys, records
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.wire import Reply
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.encode_standing import request_id_text
from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.schema import decision, request_once
from sekisho.adapters.sql.scripts import Database
from sekisho.adapters.sql.standings import FIRST, first_standing, read_decision_detail
from sekisho.application.ports.cache import Marking, Positions, Try
from sekisho.domain.velocity import Dimension
from tests.adapters.sql.databases import rows
from tests.faults.evidence import Asked, Held, Kept, Key, Truth

_PAGE = 500
_TIMEOUT = 10.0
_TIME = slice(0, 6)
_TRY_ID = slice(6, 14)
_TRY_ID_BYTES = 8
_DECISION_ID_BYTES = 16


async def read(database: Database, connection: Connection, made: Sequence[Try]) -> Truth:
    """Read both; of the cache the keys of the ledger's tries and of those that were `made`."""
    tries, markings = await _fed(database)
    wanted = dict.fromkeys(key for one in (*tries, *made) for key in one.keys)
    return Truth(
        decisions=[kept async for kept in _kept(database)],
        done=await _done(database),
        tries=tries,
        markings=markings,
        held=await _all_held(connection, list(wanted)),
    )


async def _kept(database: Database) -> AsyncIterator[Kept]:
    ledger = SqlDecisions(database)
    order = (decision.c.decided_at, decision.c.request_id)
    for row in await rows(database, sa.select(*FIRST).order_by(*order)):
        first = first_standing(row, read_decision_detail(row[8]))
        yield Kept(first, await ledger.case(first.decision_id))


async def _done(database: Database) -> Mapping[Asked, bytes]:
    of = request_once.c
    return {
        (caller, request_id_text(bytes(request_id))): bytes(result)[:_DECISION_ID_BYTES]
        for caller, request_id, result in await rows(
            database, sa.select(of.caller, of.request_id, of.result)
        )
    }


async def _fed(database: Database) -> tuple[list[Try], list[Marking]]:
    feed = SqlFeed(database)
    tries: list[Try] = []
    markings: list[Marking] = []
    at, end = Positions(), False
    while not end:
        projection, at, end = await feed.after(at, _PAGE)
        tries += projection.tries
        markings += projection.markings
    return tries, markings


async def _all_held(connection: Connection, wanted: Sequence[Key]) -> Mapping[Key, Held]:
    found: dict[Key, Held] = {}
    for start in range(0, len(wanted), _PAGE):
        page = wanted[start : start + _PAGE]
        held = await asyncio.gather(*(_held(connection, key) for key in page))
        found.update(zip(page, held, strict=True))
    return found


async def _held(connection: Connection, key: Key) -> Held:
    tag = key[1][0]
    get = (b"GET", keys.tries_key(*key))
    stored = await connection.command(*get, timeout=_TIMEOUT, tag=tag)
    every = (b"ZRANGE", keys.marks_key(*key), 0, -1)
    marks = await connection.command(*every, timeout=_TIMEOUT, tag=tag)
    return Held(dict(_tries(key[0], stored)), frozenset(_marks(marks)))


def _tries(dimension: Dimension, stored: Reply) -> Iterator[tuple[bytes, int]]:
    value, width = stored if isinstance(stored, bytes) else b"", records.WIDTH[dimension]
    for at in range(0, len(value), width):
        record = value[at : at + width]
        yield record[_TRY_ID], int.from_bytes(record[_TIME], "big")


def _marks(members: Reply) -> Iterator[tuple[int, bytes]]:
    for member in members if isinstance(members, list) else []:
        assert isinstance(member, bytes)
        yield int(member[:-_TRY_ID_BYTES]), member[-_TRY_ID_BYTES:]
