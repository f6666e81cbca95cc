"""Watchlists and their entries, from the proto and back."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial

from sekisho.application.ports import watchlists as ports
from sekisho.domain import identifiers
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.rpc.convert import enums, names, times
from sekisho.rpc.convert.violations import STRICT, Violations
from sekisho.rpc.convert.watched import identifier, plain_text
from sekisho.v1 import watchlist_pb2

Text = Callable[[str], str]
_display_name: Text = partial(identifiers.free_text, max_length=200)
_description: Text = partial(identifiers.free_text, max_length=2000)
# Kept: most entries of a list have the same ones.
_reason: Text = lru_cache(partial(identifiers.free_text, max_length=500))
_source: Text = lru_cache(partial(identifiers.free_text, max_length=200))

_MOST_ENTRIES = 5_000
_SHORT = 32
"""Characters that no rule of an entry's texts refuses: the least of their bounds."""


def texts(violations: Violations, message: watchlist_pb2.Watchlist) -> tuple[str, str]:
    """Return display name and description of the request's field `watchlist`."""
    return (
        violations.read("watchlist.display_name", _display_name, message.display_name, ""),
        violations.read("watchlist.description", _description, message.description, ""),
    )


def are_plain(messages: Sequence[watchlist_pb2.WatchlistEntry]) -> bool:
    """Whether these entries of a message are too short to break any rule of the proto.

    The rules take as long as all else that an import does with an entry.
    """
    return len(messages) <= _MOST_ENTRIES and all(map(_is_plain, messages))


def _is_plain(message: watchlist_pb2.WatchlistEntry) -> bool:
    return (
        len(message.reason) <= _SHORT
        and len(message.source) <= _SHORT
        and (text := plain_text(message.identifier)) is not None
        and len(text) <= _SHORT
    )


def entries(
    violations: Violations, messages: Iterable[watchlist_pb2.WatchlistEntry], first: int
) -> list[ports.NewEntry]:
    """Return a part of a stream's entries; `first` is the number of entries before it."""
    made = []
    for index, message in enumerate(messages, first):
        try:
            made.append(entry(STRICT, "", message))
        except MalformedIdentifierError:
            # Its violations by their names, which those without any can do without.
            made.append(entry(violations, f"entries[{index}].", message))
    return made


def entry(
    violations: Violations, prefix: str, message: watchlist_pb2.WatchlistEntry
) -> ports.NewEntry:
    """Return an entry; its fields are named below `prefix`, which ends in a dot."""
    starts = ends = None
    if message.HasField("start_time"):
        starts = violations.read(f"{prefix}start_time", times.to_ms, message.start_time, 0)
    if message.HasField("expire_time"):
        ends = violations.read(f"{prefix}expire_time", times.to_ms, message.expire_time, 0)
    if starts and ends and ends <= starts:
        violations.add(f"{prefix}expire_time", "expected a time later than the start")
    return ports.NewEntry(
        identifier=identifier(violations, f"{prefix}identifier.", message.identifier),
        reason=violations.read(f"{prefix}reason", _reason, message.reason, ""),
        source=violations.read(f"{prefix}source", _source, message.source, ""),
        starts_at=starts,
        expires_at=ends,
    )


def to_proto(watchlist: ports.Watchlist) -> watchlist_pb2.Watchlist:
    """Return a watchlist as the API shows it."""
    return watchlist_pb2.Watchlist(
        name=names.watchlist_name(watchlist.id),
        display_name=watchlist.display_name,
        description=watchlist.description,
        version=watchlist.version,
        entry_count=watchlist.entry_count,
        create_time=times.from_ms(watchlist.created_at),
        update_time=times.from_ms(watchlist.updated_at),
        etag=names.etag(watchlist.version),
    )


def entry_to_proto(kept: ports.WatchlistEntry) -> watchlist_pb2.WatchlistEntry:
    """Return an entry as the API shows it: masked."""
    return watchlist_pb2.WatchlistEntry(
        name=names.entry_name(kept.watchlist, kept.fingerprint),
        kind=watchlist_pb2.IdentifierKind.ValueType(enums.IDENTIFIER_KIND_NUMBERS[kept.kind]),
        masked=kept.masked,
        reason=kept.reason,
        source=kept.source,
        start_time=None if kept.starts_at is None else times.from_ms(kept.starts_at),
        expire_time=None if kept.expires_at is None else times.from_ms(kept.expires_at),
        create_time=times.from_ms(kept.created_at),
        weak=kept.weak,
    )


def import_result(result: ports.ImportResult) -> watchlist_pb2.ImportWatchlistEntriesResponse:
    """Return what an import changed."""
    return watchlist_pb2.ImportWatchlistEntriesResponse(
        watchlist=to_proto(result.watchlist),
        added_count=result.added,
        removed_count=result.removed,
        kept_count=result.kept,
        duplicate_count=result.duplicates,
    )
