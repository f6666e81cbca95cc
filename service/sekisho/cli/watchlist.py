"""`sekisho watchlist`: keeps watchlists."""

from itertools import islice
from typing import Annotated

from cyclopts import App, Parameter
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.cli import output, watchlist_view
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import CommandError
from sekisho.cli.identifier_options import NONE, IdentifierOptions
from sekisho.cli.moments import parse_moment
from sekisho.cli.requests import new_request_id
from sekisho.cli.watchlist_calls import Watchlists
from sekisho.v1.watchlist_pb2 import (
    CreateWatchlistEntryRequest,
    CreateWatchlistRequest,
    DeleteWatchlistEntryRequest,
    DeleteWatchlistRequest,
    GetWatchlistRequest,
    LookUpIdentifierRequest,
    LookUpIdentifierResponse,
    Watchlist,
    WatchlistEntry,
)

app = App(name="watchlist", help="Keep watchlists.")
app.command(
    "sekisho.cli.watchlist_import_command:import_",
    name="import",
    help="Replace a list's entries by those of a file: all or nothing.",
)


@app.command
def create(
    id_: Annotated[str, Parameter(name="ID")],
    /,
    *,
    name: str = "",
    description: str = "",
    connection: Connection = LOCAL,
) -> None:
    """Create an empty watchlist.

    Parameters
    ----------
    id_
        Lower-case letters, digits and hyphens.
    name
        A name for people.
    description
        Where the list comes from and what it is for.
    connection
        How to reach the server.

    """
    watchlist = Watchlist(display_name=name, description=description)
    request = CreateWatchlistRequest(
        request_id=new_request_id(), watchlist_id=id_, watchlist=watchlist
    )
    with channel(connection) as opened:
        made = Watchlists(opened, connection).stub.CreateWatchlist(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    output.out().print(watchlist_view.one(made))


@app.command(name="list")
def list_(*, connection: Connection = LOCAL) -> None:
    """List the watchlists."""
    with channel(connection) as opened:
        found = list(Watchlists(opened, connection).all())
    output.out().print(watchlist_view.several(found) if found else "no watchlists")


@app.command
def show(id_: Annotated[str, Parameter(name="ID")], /, *, connection: Connection = LOCAL) -> None:
    """Show a watchlist.

    Parameters
    ----------
    id_
        The watchlist.
    connection
        How to reach the server.

    """
    with channel(connection) as opened:
        found = Watchlists(opened, connection).stub.GetWatchlist(
            GetWatchlistRequest(name=_name(id_)),
            timeout=connection.timeout,
            metadata=connection.metadata,
        )
    output.out().print(watchlist_view.one(found))


@app.command
def delete(
    id_: Annotated[str, Parameter(name="ID")],
    /,
    *,
    etag: str = "",
    connection: Connection = LOCAL,
) -> None:
    """Delete a watchlist with its entries.

    Parameters
    ----------
    id_
        The watchlist.
    etag
        Delete it only if it still has this etag.
    connection
        How to reach the server.

    """
    with channel(connection) as opened:
        Watchlists(opened, connection).stub.DeleteWatchlist(
            DeleteWatchlistRequest(request_id=new_request_id(), name=_name(id_), etag=etag),
            timeout=connection.timeout,
            metadata=connection.metadata,
        )
    output.out().print(f"{_name(id_)} is deleted", markup=False)


@app.command
def entries(
    id_: Annotated[str, Parameter(name="ID")],
    /,
    *,
    most: Annotated[int, Parameter(show_default=True)] = 50,
    connection: Connection = LOCAL,
) -> None:
    """List a watchlist's entries.

    Parameters
    ----------
    id_
        The watchlist.
    most
        How many entries to show.
    connection
        How to reach the server.

    """
    with channel(connection) as opened:
        found = list(islice(Watchlists(opened, connection).entries(_name(id_)), most + 1))
    output.out().print(watchlist_view.entries(found[:most]) if found else "no entries")
    if len(found) > most:
        output.err().print(f"there are more: --most {most * 10}")


@app.command
def add(
    id_: Annotated[str, Parameter(name="ID")],
    /,
    *,
    identifier: IdentifierOptions = NONE,
    reason: str = "",
    source: str = "",
    starts: str = "",
    expires: str = "",
    connection: Connection = LOCAL,
) -> None:
    """Add one entry to a watchlist; an entry of the same identifier is replaced.

    Parameters
    ----------
    id_
        The watchlist.
    identifier
        The identifier.
    reason
        Why it is on the list. No personal data: it is stored in clear.
    source
        Who said so.
    starts
        From when it counts: date or time, Japan time unless it says otherwise.
    expires
        Until when it counts.
    connection
        How to reach the server.

    """
    entry = WatchlistEntry(
        identifier=identifier.message(),
        reason=reason,
        source=source,
        start_time=_moment("--starts", starts),
        expire_time=_moment("--expires", expires),
    )
    request = CreateWatchlistEntryRequest(
        request_id=new_request_id(), parent=_name(id_), watchlist_entry=entry
    )
    with channel(connection) as opened:
        made = Watchlists(opened, connection).stub.CreateWatchlistEntry(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    output.out().print(watchlist_view.entries([made]))


@app.command
def remove(
    id_: Annotated[str, Parameter(name="ID")],
    /,
    *,
    identifier: IdentifierOptions = NONE,
    entry: str = "",
    connection: Connection = LOCAL,
) -> None:
    """Remove one entry from a watchlist, named by its identifier or by --entry.

    Parameters
    ----------
    id_
        The watchlist.
    identifier
        The identifier.
    entry
        The entry's fingerprint, as `sekisho watchlist entries` shows it.
    connection
        How to reach the server.

    """
    prefix = f"{_name(id_)}/entries/"
    with channel(connection) as opened:
        lists = Watchlists(opened, connection)
        names = [prefix + entry.removeprefix(prefix)]
        if not entry:
            answer = _look_up(lists, identifier, connection)
            held = [found.name for found in answer.watchlist_entries]
            names = [name for name in held if name.startswith(prefix)]
        if not names:
            raise CommandError(f"{_name(id_)} does not hold this identifier")
        for name in names:
            lists.stub.DeleteWatchlistEntry(
                DeleteWatchlistEntryRequest(request_id=new_request_id(), name=name),
                timeout=connection.timeout,
                metadata=connection.metadata,
            )
    output.out().print(f"removed {len(names)} from {_name(id_)}", markup=False)


@app.command
def lookup(*, identifier: IdentifierOptions = NONE, connection: Connection = LOCAL) -> None:
    """Tell which lists hold one identifier, since when and why.

    Parameters
    ----------
    identifier
        The identifier.
    connection
        How to reach the server.

    """
    with channel(connection) as opened:
        answer = _look_up(Watchlists(opened, connection), identifier, connection)
    found = list(answer.watchlist_entries)
    output.out().print(watchlist_view.entries(found) if found else "on no list")


def _look_up(
    lists: Watchlists, identifier: IdentifierOptions, connection: Connection
) -> LookUpIdentifierResponse:
    return lists.stub.LookUpIdentifier(
        LookUpIdentifierRequest(identifier=identifier.message()),
        timeout=connection.timeout,
        metadata=connection.metadata,
    )


def _name(id_: str) -> str:
    return id_ if id_.startswith("watchlists/") else f"watchlists/{id_}"


def _moment(option: str, text: str) -> Timestamp | None:
    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None
