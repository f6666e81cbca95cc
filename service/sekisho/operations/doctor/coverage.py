"""How far the cache is behind the ledger: its counts, and its watchlists."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.projection import RedisProjectionStore
from sekisho.adapters.redis.watch_index import RedisWatchlistIndex
from sekisho.adapters.sql.scripts import Database
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.ports.cache import Coverage, IndexMark
from sekisho.application.ports.watchlists import Watchlist
from sekisho.application.projector import TAGS
from sekisho.domain.errors import SekishoError
from sekisho.domain.velocity import DAY_MS, WINDOWS
from sekisho.operations.doctor.finding import Area, Finding, age

_AREA = Area("coverage")
_LISTS = Area("watchlists")
_LATE_MS = 2_000
"""As `observe.lua` has it: what is further behind is unknown."""
_STALE_MS = 30 * DAY_MS
_MOST_LISTS = 1_000


async def coverage(connection: Connection, now: int) -> list[Finding]:
    """Look how far the counts are. `now` is Unix ms."""
    store = RedisProjectionStore(connection, lambda: now)
    marks = await store.coverage()
    return list(counts(marks, now, away=len(store.away)))


async def watchlists(connection: Connection, database: Database, now: int) -> list[Finding]:
    """Compare the lists in the cache with the ledger's."""
    try:
        lists = await SqlWatchlists(database).list("", _MOST_LISTS)
        marks = await RedisWatchlistIndex(connection).marks()
    except SekishoError as error:
        return [_LISTS.problem(f"they cannot be compared: {error}", "see cache and ledger")]
    return list(loaded(lists, marks, now))


def counts(marks: Mapping[int, Coverage], now: int, away: int = 0) -> Iterator[Finding]:
    """Judge the marks; of so many parts of the cache the server is away."""
    if away:
        yield _AREA.problem(
            f"{away} of {len(TAGS)} parts of the cache are away: their facts are unknown",
            "bring the servers back that do not answer",
        )
    if len(marks) + away < len(TAGS):
        yield _AREA.warning(
            f"{len(TAGS) - len(marks) - away} of {len(TAGS)} parts of the cache are not begun: "
            "their facts are unknown",
            "start the service: it begins at once; or sekisho rebuild",
        )
    if not marks:
        return
    behind = now - min(mark.applied_to for mark in marks.values())
    if behind > _LATE_MS:
        yield _AREA.warning(
            f"the cache is {age(behind)} behind the ledger: velocities and lines are unknown",
            "start the service; where it runs look for projector.paused in its log",
        )
    else:
        yield _AREA.ok("the cache follows the ledger")
    covered_from = max(mark.covered_from for mark in marks.values())
    if covered_from == 0:
        yield _AREA.ok("all of the ledger is covered")
        return
    unknown = [name for name, window in WINDOWS.items() if now - window < covered_from]
    since = datetime.fromtimestamp(covered_from / 1000, UTC)
    yield _AREA.warning(
        f"covered back to {since:%Y-%m-%d %H:%M} UTC"
        + (f": windows of {', '.join(unknown)} are unknown" if unknown else ""),
        "wait while the service rebuilds: sekisho rebuild --watch shows how far it is",
    )


def loaded(
    lists: Sequence[Watchlist], marks: Mapping[int, IndexMark], now: int
) -> Iterator[Finding]:
    """Judge each list."""
    if not lists:
        yield _LISTS.warning("there is none: nobody is looked for", "sekisho watchlist import")
        return
    if len(marks) < len(TAGS):
        yield _LISTS.warning(
            f"{len(TAGS) - len(marks)} of {len(TAGS)} parts of the cache have none loaded: "
            "hits are unknown",
            "start the service: it loads them at once; or sekisho rebuild",
        )
    for one in lists:
        held = min((mark.versions.get(one.id, 0) for mark in marks.values()), default=0)
        since = now - one.updated_at
        if held < one.version:
            yield _LISTS.warning(
                f"{one.id}: the cache has version {held or 'none'} of {one.version}",
                "wait a second; where it stays so look for background.paused in the log",
            )
        elif one.entry_count == 0:
            yield _LISTS.warning(
                f"{one.id}: it is empty", f"sekisho watchlist import {one.id} FILE"
            )
        elif since > _STALE_MS:
            yield _LISTS.warning(
                f"{one.id}: last changed {age(since)} ago", "look whether its import still runs"
            )
        else:
            yield _LISTS.ok(
                f"{one.id}: version {one.version}, {one.entry_count:,} entries,"
                f" changed {age(max(0, since))} ago"
            )
