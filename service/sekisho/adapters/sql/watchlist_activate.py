"""Making an import the list's new version.

The staged rows are copied into a set of their own, part by part and in order, in short
transactions that also compare each with the entries that count. Then one tiny transaction
switches the list from the old set to the new one. The old set is swept later.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from sekisho.adapters.sql import once
from sekisho.adapters.sql.fingerprint_pool import PackedFingerprints
from sekisho.adapters.sql.schema import (
    watchlist,
    watchlist_entry,
    watchlist_import,
    watchlist_staged,
)
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Dialect, Statement, Value
from sekisho.adapters.sql.watchlist_rows import (
    END_IMPORT,
    LIST_COLUMNS,
    found_list,
    no_such_list,
    read_list,
)
from sekisho.adapters.sql.wire import decoder, encode
from sekisho.application.politely import PIECE, politely
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import FinishedImport, ImportResult, Watchlist
from sekisho.domain.errors import AbortedError

_PARTS_A_SHARD = 8
"""A part is built from all that is staged of its shard, so that more parts cost more reading."""
_PARTS = 256 * _PARTS_A_SHARD
_PAST_ALL = b"\xff" * 17
"""After every fingerprint."""

_id = sa.bindparam("id", type_=sa.Text)
_set_id = sa.bindparam("set_id", type_=sa.BigInteger)
_old_set = sa.bindparam("old_set", type_=sa.BigInteger)
_low = sa.bindparam("low", type_=sa.LargeBinary)
_until = sa.bindparam("until", type_=sa.LargeBinary)


def _of_range(set_id: sa.BindParameter[int]) -> sa.Select[bytes]:
    """Return the fingerprints of a set between two bounds."""
    of = watchlist_entry.c
    return sa.select(of.fingerprint).where(
        of.set_id == set_id, of.fingerprint >= _low, of.fingerprint < _until
    )


def _heartbeat(activating: bool) -> Statement:
    beat = sa.bindparam("now", type_=sa.BigInteger)
    return Statement(
        lambda _: (
            sa.update(watchlist_import)
            .where(watchlist_import.c.watchlist == _id, watchlist_import.c.set_id == _set_id)
            .values(heartbeat_at=beat, activating=sa.true() if activating else sa.false())
            .returning(watchlist_import.c.set_id)
        )
    )


_STAGING = _heartbeat(False)
_ACTIVATING = _heartbeat(True)


def _build(dialect: Dialect) -> sa.ClauseElement:
    staged = watchlist_staged.c
    latest = (
        sa.select(
            *watchlist_staged.columns,
            sa.func.row_number()
            .over(partition_by=staged.fingerprint, order_by=staged.position.desc())
            .label("rank"),
        )
        .where(
            staged.set_id == _set_id,
            staged.shard >= sa.bindparam("first", type_=sa.SmallInteger),
            staged.shard <= sa.bindparam("last", type_=sa.SmallInteger),
            staged.fingerprint >= _low,
            staged.fingerprint < _until,
        )
        .subquery("latest")
    )
    values: dict[str, sa.ColumnElement[Any]] = {
        c.name: latest.c[c.name] for c in watchlist_entry.columns
    }
    # What was on the list before has been on it since then. Not a join: PostgreSQL, which
    # knows nothing yet of rows just written, would choose a way that takes minutes.
    before = watchlist_entry.alias("before")
    since = (
        sa.select(before.c.created_at)
        .where(before.c.set_id == _old_set, before.c.fingerprint == latest.c.fingerprint)
        .scalar_subquery()
    )
    values["created_at"] = sa.func.coalesce(since, latest.c.created_at)
    rows = sa.select(*values.values()).where(latest.c.rank == 1).order_by(latest.c.fingerprint)
    statement = dialect.insert(watchlist_entry).from_select(list(values), rows)
    return statement.on_conflict_do_nothing(index_elements=["set_id", "fingerprint"])


def _counts(_dialect: Dialect) -> sa.Select[int, int]:
    new = _of_range(_set_id)
    both = sa.intersect(new, _of_range(_old_set))
    return sa.select(
        sa.select(sa.func.count()).select_from(new.subquery("new_ones")).scalar_subquery(),
        sa.select(sa.func.count()).select_from(both.subquery("both")).scalar_subquery(),
    )


def _gone(_dialect: Dialect) -> sa.CompoundSelect[bytes]:
    return sa.except_(_of_range(_old_set), _of_range(_set_id))


def _switch(_dialect: Dialect) -> sa.ClauseElement:
    return (
        sa.update(watchlist)
        .where(watchlist.c.id == _id, watchlist.c.set_id == _old_set)
        .values(
            set_id=_set_id,
            version=watchlist.c.version + 1,
            entry_count=sa.bindparam("total", type_=sa.BigInteger),
            updated_at=sa.bindparam("now", type_=sa.BigInteger),
        )
        .returning(*LIST_COLUMNS)
    )


_BUILD = Statement(_build)
_COUNTS = Statement(_counts)
_GONE = Statement(_gone)
_SWITCH = Statement(_switch)


class ImportWire(msgspec.Struct, array_like=True, tag="import", frozen=True):
    """What an import did, as the result of its request."""

    watchlist: Watchlist
    added: int
    removed: int
    kept: int
    duplicates: int


_READ = decoder(ImportWire)


def hold(watchlist_id: str, set_id: int, now: int, *, activating: bool = False) -> Script[None]:
    """Say that the import lives. AbortedError where it was given up meanwhile."""
    beat = _ACTIVATING if activating else _STAGING
    if not (yield beat(id=watchlist_id, set_id=set_id, now=now)):
        raise AbortedError("this import was given up: another took its place, or the list is gone")


def finished(request: Once) -> Script[FinishedImport | None]:
    """Return what the same request's import did. RequestIdReusedError for another method's."""
    found = yield from once.found(request)
    if found is None:
        return None
    digest, result = found
    try:
        wire = _READ.decode(result or b"")
    except msgspec.DecodeError:
        raise once.reused() from None
    return FinishedImport(
        ImportResult(wire.watchlist, wire.added, wire.removed, wire.kept, wire.duplicates), digest
    )


class Activation:
    """One activation: what it does, in the order of the methods."""

    def __init__(
        self,
        database: Database,
        once: Once,
        watchlist_id: str,
        set_id: int,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._once = once
        self._watchlist_id = watchlist_id
        self._set_id = set_id
        self._clock = clock

    async def __call__(
        self, staged: int, now: int, body_digest: bytes
    ) -> tuple[ImportResult, Sequence[Fingerprint]]:
        """Make `staged` rows the new version; return what changed and what is gone."""
        before, old_set = await self._database.write(self.begin)
        rows = max(staged, before.entry_count, 1)
        step = min(_PARTS, max(1, _PARTS * PIECE // rows))
        total = kept = 0
        gone = PackedFingerprints()
        for first in range(0, _PARTS, step):
            build = partial(self._build, old_set, first, min(first + step, _PARTS))
            parts = self._database.write(build, background=True)
            built, same, removed = await politely(parts)
            total += built
            kept += same
            gone.extend(removed)
        result = ImportWire(before, total - kept, len(gone), kept, staged - total)
        switch = partial(self._switch, old_set, total, result, now, body_digest)
        return await self._database.write(switch), gone

    def begin(self) -> Script[tuple[Watchlist, int]]:
        """From here on nobody else changes the list's entries."""
        yield from hold(self._watchlist_id, self._set_id, self._clock(), activating=True)
        return (yield from found_list(self._watchlist_id))

    def _build(
        self, old_set: int, first: int, after_last: int
    ) -> Script[tuple[int, int, list[Fingerprint]]]:
        """Build some parts; return how many entries they have, how many the old set had too,
        and those that only the old set had."""
        yield from hold(self._watchlist_id, self._set_id, self._clock(), activating=True)
        sets: dict[str, Value] = {
            "set_id": self._set_id,
            "old_set": old_set,
            "low": _start(first),
            "until": _start(after_last) if after_last < _PARTS else _PAST_ALL,
        }
        last = (after_last - 1) // _PARTS_A_SHARD
        yield _BUILD(**sets, first=first // _PARTS_A_SHARD, last=last)
        counts = yield _COUNTS(**sets)
        gone = yield _GONE(**sets)
        return counts[0][0], counts[0][1], [bytes(row[0]) for row in gone]

    def _switch(
        self, old_set: int, total: int, result: ImportWire, now: int, body_digest: bytes
    ) -> Script[ImportResult]:
        done = yield from finished(self._once)
        if done is not None and done.body_digest == body_digest:
            # The reply to this very transaction was lost.
            return done.result
        yield from hold(self._watchlist_id, self._set_id, self._clock(), activating=True)
        rows = yield _SWITCH(
            id=self._watchlist_id, set_id=self._set_id, old_set=old_set, total=total, now=now
        )
        if not rows:
            raise no_such_list()
        after = msgspec.structs.replace(result, watchlist=read_list(rows[0]))
        yield END_IMPORT(id=self._watchlist_id)
        request = replace(self._once, body_digest=body_digest)
        yield from once.keep(request, encode(after), now)
        return ImportResult(
            after.watchlist, after.added, after.removed, after.kept, after.duplicates
        )


def _start(part: int) -> bytes:
    """Return what no fingerprint of an earlier part reaches."""
    return (part * 65_536 // _PARTS).to_bytes(2, "big")
