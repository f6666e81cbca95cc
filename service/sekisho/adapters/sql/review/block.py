"""Blocking: a case's identifiers on a watchlist and its line locked, together or not at all."""

from sekisho.adapters.sql import once, watchlists
from sekisho.adapters.sql.lines import record_line_events
from sekisho.adapters.sql.review.acts import Encode, do, one, tell
from sekisho.adapters.sql.review.index import DueTimes
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.watchlist_entries import put_at_least
from sekisho.adapters.sql.wire import decoder, encode
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.lines import LineEvent
from sekisho.application.ports.review import Blocked, Decide, Seen
from sekisho.application.ports.watchlists import WatchlistEntry

_READ = decoder(tuple[bytes, str, tuple[bytes, ...]])


def block(
    request: Once,
    decision_id: bytes,
    seen: Seen | None,
    entries: tuple[WatchlistEntry, ...],
    lock: LineEvent | None,
    decide: Decide,
    encode_event: Encode,
    due: DueTimes,
    now: int,
) -> Script[Blocked]:
    """Put entries on their list, made where it does not exist, lock the line, and keep the act.

    NotFoundError, CaseChangedError, AbortedError while an import of the list is activated.
    """
    done = yield from once.done_before(request)
    if done is not None:
        id_, watchlist_id, fingerprints = _READ.decode(done)
        return Blocked((yield from one(id_)), watchlist_id, fingerprints)
    acted = yield from do(decision_id, seen, decide, encode_event, due, now)
    yield from tell([acted], (), now)
    watchlist_id = entries[0].watchlist if entries else ""
    if entries:
        yield from watchlists.make_unless_there(watchlist_id, now)
    for entry in entries:
        yield from put_at_least(entry, now)
    if lock is not None:
        yield from record_line_events(request.caller, [lock], now)
    fingerprints = tuple(entry.fingerprint for entry in entries)
    yield from once.keep(request, encode((decision_id, watchlist_id, fingerprints)), now)
    return Blocked((yield from one(decision_id)), watchlist_id, fingerprints)
