"""Load watchlists into the cache where it does not hold their current versions."""

from dataclasses import replace
from secrets import token_bytes

import structlog

from sekisho.application.ports.cache import IndexMark, WatchlistIndex
from sekisho.application.ports.watchlists import WatchlistLedger
from sekisho.application.projector import TAGS
from sekisho.domain.errors import NotFoundError

_log = structlog.get_logger(__name__)


class LoadWatchlists:
    """One pass. After a flush, a rollback or a half-done change it brings the index back."""

    def __init__(self, ledger: WatchlistLedger, index: WatchlistIndex) -> None:
        self._ledger = ledger
        self._index = index

    async def __call__(self) -> bool:
        """Return whether the cache now holds every list in its current version.

        Raises LedgerUnavailableError, CacheUnavailableError.
        """
        versions = await self._ledger.versions()
        marks = await self._index.marks()
        if len(marks) < len(TAGS):
            await self._index.move_marks(
                {tag: (None, IndexMark(token_bytes(8), {})) for tag in TAGS if tag not in marks}
            )
            marks = await self._index.marks()
        behind = [
            name
            for name, version in versions.items()
            if any(mark.versions.get(name, 0) < version for mark in marks.values())
        ]
        gone = {name for mark in marks.values() for name in mark.versions} - set(versions)
        if not behind and not gone:
            return True
        for name in behind:
            try:
                number = (await self._ledger.get(name)).number
                async for batch in self._ledger.fingerprints(name):
                    await self._index.add(number, batch)
            except NotFoundError:
                # Deleted meanwhile: the next pass reads the versions anew.
                return False
            _log.info("watchlist.loaded", watchlist=name, version=versions[name])
        return await self._index.move_marks(
            {
                tag: (
                    mark,
                    replace(
                        mark,
                        versions={
                            **{n: v for n, v in mark.versions.items() if n not in gone},
                            **{n: max(versions[n], mark.versions.get(n, 0)) for n in behind},
                        },
                    ),
                )
                for tag, mark in marks.items()
            }
        )
