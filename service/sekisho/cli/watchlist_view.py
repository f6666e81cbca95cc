"""Watchlists and imports for people."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.moments import moment
from sekisho.cli.watchlist_import import Tally
from sekisho.v1.watchlist_pb2 import (
    IdentifierKind,
    ImportWatchlistEntriesResponse,
    Watchlist,
    WatchlistEntry,
)


def one(watchlist: Watchlist) -> RenderableType:
    """Return one watchlist."""
    return output.pairs(
        [
            ("watchlist", watchlist.name),
            ("name", watchlist.display_name),
            ("description", watchlist.description),
            ("version", str(watchlist.version)),
            ("entries", f"{watchlist.entry_count:,}"),
            ("created", moment(watchlist.create_time)),
            ("updated", moment(watchlist.update_time)),
            ("etag", watchlist.etag),
        ]
    )


def several(watchlists: Iterable[Watchlist]) -> RenderableType:
    """Return watchlists as a table."""
    return output.table(
        ("id", "name", "version", "entries", "updated"),
        (
            (
                watchlist.name.removeprefix("watchlists/"),
                watchlist.display_name,
                str(watchlist.version),
                f"{watchlist.entry_count:,}",
                moment(watchlist.update_time),
            )
            for watchlist in watchlists
        ),
    )


def entries(found: Sequence[WatchlistEntry]) -> RenderableType:
    """Return entries as a table; identifiers are masked by the server."""
    return output.table(
        ("list", "kind", "identifier", "source", "reason", "since", "until", "entry"),
        (
            (
                entry.name.split("/")[1],
                _kind(entry),
                entry.masked,
                entry.source,
                entry.reason,
                moment(entry.start_time if entry.HasField("start_time") else entry.create_time),
                moment(entry.expire_time) if entry.HasField("expire_time") else "",
                entry.name.rsplit("/", 1)[-1],
            )
            for entry in found
        ),
    )


def _kind(entry: WatchlistEntry) -> str:
    kind = IdentifierKind.Name(entry.kind).removeprefix("IDENTIFIER_KIND_").lower()
    return f"{kind} (weak)" if entry.weak else kind


def tally(counts: Tally) -> RenderableType:
    """Return what became of a file's rows."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in counts.kinds.most_common())
    parts: list[RenderableType] = [
        output.pairs(
            [
                ("rows read", f"{counts.rows:,}"),
                ("rows used", f"{counts.used_rows:,}"),
                ("entries", f"{counts.entries:,}" + (f" ({kinds})" if kinds else "")),
            ]
        )
    ]
    for title, reasons in (("not used", counts.skipped), ("weak", counts.weakened)):
        if reasons:
            rows = [
                (f"{count:,}", why, ", ".join(map(str, counts.examples[why])))
                for why, count in reasons.most_common()
            ]
            parts += [Text(), output.table(("count", title, "rows, for example"), rows)]
    return Group(*parts)


def imported(counts: Tally, answer: ImportWatchlistEntriesResponse) -> RenderableType:
    """Return what an import changed."""
    rate = counts.entries / counts.seconds if counts.seconds else 0
    return output.pairs(
        [
            ("watchlist", f"{answer.watchlist.name}, version {answer.watchlist.version}"),
            ("added", f"{answer.added_count:,}"),
            ("removed", f"{answer.removed_count:,}"),
            ("kept", f"{answer.kept_count:,}"),
            ("duplicates", f"{answer.duplicate_count:,}"),
            ("on the list", f"{answer.watchlist.entry_count:,}"),
            ("time", f"{counts.seconds:.1f} s, {rate:,.0f} entries/s"),
        ]
    )
