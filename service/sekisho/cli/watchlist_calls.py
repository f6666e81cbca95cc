"""Calls of WatchlistService that the commands share."""

from collections.abc import Iterator

import grpc

from sekisho.cli.client import Connection
from sekisho.cli.requests import new_request_id
from sekisho.v1.watchlist_pb2 import (
    CreateWatchlistRequest,
    GetWatchlistRequest,
    ListWatchlistEntriesRequest,
    ListWatchlistsRequest,
    Watchlist,
    WatchlistEntry,
)
from sekisho.v1.watchlist_pb2_grpc import WatchlistServiceStub

_PAGE = 1_000


class Watchlists:
    """WatchlistService over an open channel."""

    def __init__(self, opened: grpc.Channel, connection: Connection) -> None:
        self.stub = WatchlistServiceStub(opened)
        self._connection = connection

    def all(self) -> Iterator[Watchlist]:
        """Yield all watchlists, page by page."""
        request = ListWatchlistsRequest(page_size=_PAGE)
        while True:
            page = self.stub.ListWatchlists(
                request, timeout=self._connection.timeout, metadata=self._connection.metadata
            )
            yield from page.watchlists
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def entries(self, parent: str) -> Iterator[WatchlistEntry]:
        """Yield the entries of a list, page by page."""
        request = ListWatchlistEntriesRequest(parent=parent, page_size=_PAGE)
        while True:
            page = self.stub.ListWatchlistEntries(
                request, timeout=self._connection.timeout, metadata=self._connection.metadata
            )
            yield from page.watchlist_entries
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def create_unless_there(self, watchlist_id: str) -> None:
        """Create an empty list, unless there is one of that id."""
        timeout, metadata = self._connection.timeout, self._connection.metadata
        try:
            self.stub.GetWatchlist(
                GetWatchlistRequest(name=f"watchlists/{watchlist_id}"),
                timeout=timeout,
                metadata=metadata,
            )
        except grpc.RpcError as error:
            if getattr(error, "code", lambda: None)() is not grpc.StatusCode.NOT_FOUND:
                raise
            self.stub.CreateWatchlist(
                CreateWatchlistRequest(
                    request_id=new_request_id(), watchlist_id=watchlist_id, watchlist=Watchlist()
                ),
                timeout=timeout,
                metadata=metadata,
            )
