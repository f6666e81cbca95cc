"""An import of a watchlist's entries: a stream, staged as it comes, counting all at once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import cast

from sekisho.application.politely import in_pieces
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.watchlists import ImportResult, NewEntry
from sekisho.application.watchlist_preview import ImportPreview
from sekisho.application.watchlists import ImportRun, Watchlists
from sekisho.domain.errors import UnavailableError
from sekisho.domain.identity import Identity
from sekisho.rpc.convert import names, watchlist
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.errors import MOST_VIOLATIONS
from sekisho.rpc.once import Digest, StreamDigest
from sekisho.v1 import watchlist_pb2

_FIELD = "entries"


async def import_entries(
    watchlists: Watchlists,
    requests: AsyncIterator[watchlist_pb2.ImportWatchlistEntriesRequest],
    identity: Identity,
    digest: Digest,
) -> ImportResult:
    """Take the stream, and return what it changed.

    The first message names list and request; later ones may repeat both. After the first
    violation nothing more is staged, but the rest is judged, until there are as many as an
    answer can list. A stream without entries is refused: an empty file must not silently empty
    a list.
    """
    stream = _Stream(identity, digest)
    run: ImportRun | ImportPreview | None = None
    try:
        async for request in requests:
            # Beside the loop: thousands of entries take longer than an assessment.
            await asyncio.to_thread(stream.begin, request)
            entries = await in_pieces(stream.take, request.entries)
            if len(stream.violations) >= MOST_VIOLATIONS:
                break
            if len(stream.violations):
                continue
            if run is None:
                run = await _begun(watchlists, stream)
            await run.add(entries)
        stream.end()
        stream.violations.refuse()
        # A stream without a violation has entries, and the first of them began the run.
        result = await cast(ImportRun | ImportPreview, run).finish(stream.body.made(digest))
    except BaseException:
        if run is not None:
            # A ledger that is away now takes the import over later; the first error counts.
            with contextlib.suppress(UnavailableError):
                await asyncio.shield(run.abandon())
        raise
    return result


async def _begun(watchlists: Watchlists, stream: "_Stream") -> ImportRun | ImportPreview:
    if stream.validate_only:
        return await watchlists.preview_import(stream.watchlist_id)
    return await watchlists.begin_import(stream.once, stream.watchlist_id)


class _Stream:
    """What was read of the stream so far."""

    def __init__(self, identity: Identity, digest: Digest) -> None:
        self.violations = Violations()
        self.watchlist_id = ""
        self.validate_only = False
        self.once = Once("", "", b"")
        self.body = StreamDigest("")
        self._identity = identity
        self._digest = digest
        self._head: tuple[str, str] | None = None
        self._count = 0

    def begin(self, request: watchlist_pb2.ImportWatchlistEntriesRequest) -> None:
        """Judge the next message, but for what only its entries' conversion tells."""
        if self._head is None or not watchlist.are_plain(request.entries):
            self.violations.add_rules_of(request, _FIELD, self._count)
        if self._head is None:
            self._begin(request)
        elif request.parent not in ("", self._head[0]):
            self.violations.add("parent", "expected the same list as in the first message")
        elif request.request_id not in ("", self._head[1]):
            self.violations.add("request_id", "expected the same id as in the first message")

    def take(self, messages: Sequence[watchlist_pb2.WatchlistEntry]) -> list[NewEntry]:
        """Take the next entries."""
        entries = watchlist.entries(self.violations, messages, self._count)
        self._count += len(entries)
        for message in messages:
            self.body.add(message)
        return entries

    def end(self) -> None:
        """Judge the stream as a whole."""
        if self._head is None:
            self.violations.add("parent", "expected watchlists/{id} in the first message")
            self.violations.add("request_id", "expected a UUID in the first message")
        if not self._count:
            self.violations.add(_FIELD, "expected at least one; to end a list, delete it")

    def _begin(self, request: watchlist_pb2.ImportWatchlistEntriesRequest) -> None:
        self._head = (request.parent, request.request_id)
        self.validate_only = request.validate_only
        self.watchlist_id = self.violations.read("parent", names.watchlist_id, request.parent, "")
        request_id = self.violations.read("request_id", names.request_id, request.request_id, "")
        self.body = StreamDigest(request.parent)
        self.once = Once(self._identity.name, request_id, self._digest(request.parent.encode()))
