"""`sekisho watchlist import`: replaces a list's entries by those of a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from google.protobuf.timestamp_pb2 import Timestamp
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sekisho.cli import output, watchlist_import, watchlist_view
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import CommandError
from sekisho.cli.moments import parse_moment
from sekisho.cli.sources.formats import Format, Options
from sekisho.cli.sources.rows import About
from sekisho.cli.watchlist_calls import Watchlists
from sekisho.cli.watchlist_import import Tally, Watcher


def import_(
    id_: Annotated[str, Parameter(name="ID")],
    file: Annotated[Path, Parameter(name="FILE")],
    /,
    *,
    format: Annotated[Format, Parameter(show_default=True)] = Format.AUTO,
    map: Annotated[str, Parameter(name="--map")] = "",
    delimiter: Annotated[str, Parameter(show_default=True)] = ",",
    encoding: str = "",
    source: str = "",
    reason: str = "",
    expires: str = "",
    create: bool = False,
    dry_run: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Replace a list's entries by those of a file: all or nothing.

    The old entries count until the new ones do. Rows that cannot be used are counted by
    reason, with row numbers; identifiers are never printed.

    Parameters
    ----------
    id_
        The watchlist.
    file
        The file: the US Treasury's SDN list (sdn.csv), the UN's consolidated list (XML), any CSV
        with a header, or one WatchlistEntry a line as JSON.
    format
        The file's format; auto looks at its first bytes.
    map
        For CSV: what is in which column, for example
        number=passport_no,country=issuer,type=passport,name=full_name,birth_date=dob.
        Also msisdn, imei, iccid, eid, contact, source, reason, starts, expires. For type,
        country, source and reason a fixed text will do.
    delimiter
        For CSV: what separates columns; `tab` for a tabulator.
    encoding
        For CSV: the encoding, for example cp932; UTF-8 without.
    source
        Who says so, for CSV and JSON entries that do not tell.
    reason
        Why, for CSV and JSON entries that do not tell. No personal data.
    expires
        Until when they count, for CSV and JSON entries that do not tell.
    create
        Create the list if it is not there.
    dry_run
        Read and count only; send nothing.
    connection
        How to reach the server.

    """
    options = Options(
        format=format,
        mapping=_mapping(map),
        delimiter=_delimiter(delimiter),
        encoding=encoding or None,
        default=About(source, reason, None, _expires(expires)),
    )
    id_ = id_.removeprefix("watchlists/")
    with _progress(file) as watcher:
        if dry_run:
            counts, answer = watchlist_import.dry_run(file, options, watcher), None
        else:
            with channel(connection) as opened:
                if create:
                    Watchlists(opened, connection).create_unless_there(id_)
                counts, answer = watchlist_import.send(
                    opened, connection, f"watchlists/{id_}", file, options, watcher
                )
    output.out().print(watchlist_view.tally(counts))
    output.out().print()
    if answer is None:
        output.out().print("dry run: nothing was sent")
    else:
        output.out().print(watchlist_view.imported(counts, answer))


@contextmanager
def _progress(file: Path) -> Iterator[Watcher]:
    """Show a bar over the file's bytes; it moves once a batch, since drawing costs time."""
    size = file.stat().st_size if file.is_file() else None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=output.err()) as bar:
        task = bar.add_task(file.name, total=size, counts="")

        def watch(counts: Tally, position: int) -> None:
            rate = counts.entries / counts.seconds if counts.seconds else 0
            text = f"{counts.rows:,} rows, {counts.entries:,} entries, {rate:,.0f}/s"
            bar.update(task, completed=position, counts=text)

        yield watch


def _mapping(text: str) -> dict[str, str]:
    mapping = {}
    for pair in filter(None, text.split(",")):
        name, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise CommandError(f"--map: expected NAME=COLUMN, got {pair!r}")
        mapping[name.strip()] = value.strip()
    return mapping


def _delimiter(text: str) -> str:
    delimiter = "\t" if text == "tab" else text
    if len(delimiter) != 1:
        raise CommandError("--delimiter: expected one character")
    return delimiter


def _expires(text: str) -> Timestamp | None:
    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise CommandError(f"--expires: {error}") from None
