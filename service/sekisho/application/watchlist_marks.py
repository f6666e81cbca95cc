"""The watchlist index's marks: what the cache may claim to hold."""

from collections.abc import Mapping
from dataclasses import replace

from sekisho.application.ports.cache import IndexMark, WatchlistIndex

_TRIES = 5


async def advance(
    index: WatchlistIndex,
    since: Mapping[int, IndexMark],
    watchlist_id: str,
    version: int,
    *,
    was: int | None,
) -> None:
    """Say that the index holds `version` of a list, in the tags where it held `was` before.

    `since` are the marks from before the change was added. A tag that was flushed or loaded anew
    in between has another generation and is left to the loader. `was` None: any version, or none.
    """
    for _ in range(_TRIES):
        marks = await index.marks()
        changes = {
            tag: (mark, replace(mark, versions={**mark.versions, watchlist_id: version}))
            for tag, mark in marks.items()
            if tag in since
            and since[tag].generation == mark.generation
            and (was is None or mark.versions.get(watchlist_id) == was)
        }
        if await index.move_marks(changes):
            return
