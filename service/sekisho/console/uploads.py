"""Files that analysts are importing: held for a while, in memory only, each for whom sent it."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sekisho.console.api import Caller, Refused
from sekisho.console.watchlist_files import Problem
from sekisho.v1.watchlist_pb2 import (
    ImportWatchlistEntriesRequest,
    ImportWatchlistEntriesResponse,
    WatchlistEntry,
)

BATCH: Final = 1_000
_MOST: Final = 16
_HELD_SECONDS: Final = 1800.0
_SECONDS: Final = 600.0


@dataclass
class Upload:
    """One file: what was read of it, how far it is sent, and what came of it."""

    id: str
    analyst: str
    watchlist: str
    entries: Sequence[WatchlistEntry]
    problems: Sequence[Problem]
    request_id: str
    at: float
    stage: str = "read"
    """read, checking, checked, applying, applied; refused."""
    sent: int = 0
    answer: ImportWatchlistEntriesResponse | None = None
    refused: Refused | None = None
    task: "asyncio.Task[None] | None" = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether it is on its way."""
        return self.stage in {"checking", "applying"}

    def start(self, api: Caller, *, apply: bool) -> None:
        """Send it, to see what it would change or to change it. What is under way goes on."""
        if self.running or (apply and self.stage != "checked"):
            return
        self.stage, self.sent = ("applying" if apply else "checking"), 0
        self.task = asyncio.create_task(self._run(api, apply))

    async def _run(self, api: Caller, apply: bool) -> None:
        method: Any = api.watchlist.ImportWatchlistEntries
        stream = self._stream(validate_only=not apply)
        try:
            self.answer = await api.ask(method, stream, ImportWatchlistEntriesResponse, _SECONDS)
        except Refused as refused:
            self.refused, self.stage = refused, "refused"
        else:
            self.stage = "applied" if apply else "checked"
        if self.stage != "checked":
            self.entries = ()

    async def _stream(self, *, validate_only: bool) -> AsyncIterator[ImportWatchlistEntriesRequest]:
        for start in range(0, len(self.entries), BATCH):
            part = ImportWatchlistEntriesRequest(entries=self.entries[start : start + BATCH])
            if not start:
                part.request_id, part.parent = self.request_id, self.watchlist
                part.validate_only = validate_only
            yield part
            self.sent = min(start + BATCH, len(self.entries))


class Uploads:
    """Those that are held; the oldest gives way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take a clock of seconds."""
        self._clock = clock
        self._held: dict[str, Upload] = {}

    def keep(
        self,
        analyst: str,
        watchlist: str,
        entries: Sequence[WatchlistEntry],
        problems: Sequence[Problem],
        request_id: str,
    ) -> Upload:
        """Hold a file of an analyst's."""
        now = self._clock()
        for each in list(self._held.values()):
            if now - each.at > _HELD_SECONDS and not each.running:
                del self._held[each.id]
        waiting = [each for each in self._held.values() if not each.running]
        if len(self._held) >= _MOST and waiting:
            del self._held[min(waiting, key=lambda each: each.at).id]
        upload = Upload(
            secrets.token_urlsafe(18), analyst, watchlist, entries, problems, request_id, now
        )
        self._held[upload.id] = upload
        return upload

    def find(self, id_: str, analyst: str) -> Upload | None:
        """Return a file, None where it is held no longer or another analyst sent it."""
        found = self._held.get(id_)
        return found if found is not None and found.analyst == analyst else None

    async def close(self) -> None:
        """Give up what is under way: nothing of it counts."""
        tasks = [each.task for each in self._held.values() if each.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
