"""WatchlistService: lists of identifiers to look out for."""

from collections.abc import AsyncIterator

from sekisho.application.use_cases import UseCases
from sekisho.rpc import pages
from sekisho.rpc.call import Call
from sekisho.rpc.convert import names, watchlist
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.convert.watched import identifier
from sekisho.rpc.once import Digest, once
from sekisho.rpc.services.watchlist_import import import_entries
from sekisho.v1 import watchlist_pb2


class WatchlistService:
    """Keeps watchlists."""

    def __init__(self, use_cases: UseCases, digest: Digest) -> None:
        self._watchlists = use_cases.watchlists
        self._digest = digest

    async def CreateWatchlist(
        self, request: watchlist_pb2.CreateWatchlistRequest, call: Call
    ) -> watchlist_pb2.Watchlist:
        """Create an empty watchlist."""
        violations = Violations.of(request)
        this = once(violations, request, call.identity.name, self._digest)
        display_name, description = watchlist.texts(violations, request.watchlist)
        violations.refuse()
        return watchlist.to_proto(
            await self._watchlists.create(this, request.watchlist_id, display_name, description)
        )

    async def GetWatchlist(
        self, request: watchlist_pb2.GetWatchlistRequest, call: Call
    ) -> watchlist_pb2.Watchlist:
        """Return a watchlist."""
        violations = Violations.of(request)
        watchlist_id = violations.read("name", names.watchlist_id, request.name, "")
        violations.refuse()
        return watchlist.to_proto(await self._watchlists.get(watchlist_id))

    async def ListWatchlists(
        self, request: watchlist_pb2.ListWatchlistsRequest, call: Call
    ) -> watchlist_pb2.ListWatchlistsResponse:
        """Return a page of watchlists by id."""
        violations = Violations.of(request)
        page = pages.page(violations, request, "watchlists")
        violations.refuse()
        found = await self._watchlists.list(page.after.decode(), page.most)
        shown = page.cut(found)
        return watchlist_pb2.ListWatchlistsResponse(
            watchlists=[watchlist.to_proto(each) for each in shown],
            next_page_token=page.next_token(found, shown[-1].id.encode() if shown else b""),
        )

    async def DeleteWatchlist(
        self, request: watchlist_pb2.DeleteWatchlistRequest, call: Call
    ) -> watchlist_pb2.DeleteWatchlistResponse:
        """Delete a watchlist with its entries."""
        violations = Violations.of(request)
        this = once(violations, request, call.identity.name, self._digest)
        watchlist_id = violations.read("name", names.watchlist_id, request.name, "")
        version = violations.read("etag", names.version, request.etag, None)
        violations.refuse()
        await self._watchlists.delete(this, watchlist_id, version)
        return watchlist_pb2.DeleteWatchlistResponse()

    async def CreateWatchlistEntry(
        self, request: watchlist_pb2.CreateWatchlistEntryRequest, call: Call
    ) -> watchlist_pb2.WatchlistEntry:
        """Add or replace one entry."""
        violations = Violations.of(request)
        this = once(violations, request, call.identity.name, self._digest)
        watchlist_id = violations.read("parent", names.watchlist_id, request.parent, "")
        entry = watchlist.entry(violations, "watchlist_entry.", request.watchlist_entry)
        violations.refuse()
        return watchlist.entry_to_proto(await self._watchlists.add_entry(this, watchlist_id, entry))

    async def DeleteWatchlistEntry(
        self, request: watchlist_pb2.DeleteWatchlistEntryRequest, call: Call
    ) -> watchlist_pb2.DeleteWatchlistEntryResponse:
        """Remove one entry."""
        violations = Violations.of(request)
        this = once(violations, request, call.identity.name, self._digest)
        watchlist_id, fingerprint = violations.read("name", names.entry_id, request.name, ("", b""))
        violations.refuse()
        await self._watchlists.remove_entry(this, watchlist_id, fingerprint)
        return watchlist_pb2.DeleteWatchlistEntryResponse()

    async def ListWatchlistEntries(
        self, request: watchlist_pb2.ListWatchlistEntriesRequest, call: Call
    ) -> watchlist_pb2.ListWatchlistEntriesResponse:
        """Return a page of a watchlist's entries."""
        violations = Violations.of(request)
        watchlist_id = violations.read("parent", names.watchlist_id, request.parent, "")
        page = pages.page(violations, request, request.parent)
        violations.refuse()
        found = await self._watchlists.entries(watchlist_id, page.after, page.most)
        shown = page.cut(found)
        return watchlist_pb2.ListWatchlistEntriesResponse(
            watchlist_entries=[watchlist.entry_to_proto(each) for each in shown],
            next_page_token=page.next_token(found, shown[-1].fingerprint if shown else b""),
        )

    async def ImportWatchlistEntries(
        self, requests: AsyncIterator[watchlist_pb2.ImportWatchlistEntriesRequest], call: Call
    ) -> watchlist_pb2.ImportWatchlistEntriesResponse:
        """Replace a list's entries by the stream's: all or nothing."""
        result = await import_entries(self._watchlists, requests, call.identity, self._digest)
        return watchlist.import_result(result)

    async def LookUpIdentifier(
        self, request: watchlist_pb2.LookUpIdentifierRequest, call: Call
    ) -> watchlist_pb2.LookUpIdentifierResponse:
        """Tell which lists hold one identifier."""
        violations = Violations.of(request)
        watched = identifier(violations, "identifier.", request.identifier)
        violations.refuse()
        return watchlist_pb2.LookUpIdentifierResponse(
            watchlist_entries=[
                watchlist.entry_to_proto(each) for each in await self._watchlists.look_up(watched)
            ]
        )
