"""What this process knows of the journal: it looks before it answers, without a lock.

A place that was read means what it did only if the file was not begun anew meanwhile.
"""

import errno
import threading
from collections.abc import Callable, Sequence

from sekisho.adapters.journal import aside
from sekisho.adapters.journal.batch import reused
from sekisho.adapters.journal.bodies import UnreadableError, read_decision, read_standing
from sekisho.adapters.journal.index import Index, Pending
from sekisho.adapters.journal.records import only_record, walk
from sekisho.adapters.journal.shared_file import SharedFile
from sekisho.adapters.journal.shared_state import State
from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.ledger import NewDecision, Once
from sekisho.domain.decision import Standing


class _BegunAnewError(Exception):
    """Other records lie there by now."""


class _RottenError(OSError):
    """A record that was whole is so no longer."""


class Known:
    """For the event loop's thread and the writing one. Everything raises OSError."""

    def __init__(self, file: SharedFile) -> None:
        self._file = file
        self._mutex = threading.Lock()
        self._index = Index()
        self._seen = State(b"", 0)
        self._kept = 0

    def find(self, once: Once) -> Standing | None:
        """Return what a request got whose decision is pending. RequestIdReusedError."""
        pending, standing = self._standing(
            lambda index: index.by_request.get((once.caller, once.request_id))
        )
        if pending is not None and pending.body_digest != once.body_digest:
            raise reused()
        return standing

    def standing(self, decision_id: bytes) -> Standing | None:
        """Return where a pending decision stands."""
        return self._standing(lambda index: index.of_decision(decision_id))[1]

    def state(self, most_bytes: int) -> JournalState:
        """Return how much is pending."""
        with self._mutex:
            self._look()
            index = self._index
            oldest = next(iter(index.by_request.values()), None)
            return JournalState(
                pending=len(index.by_request),
                bytes=self._seen.end,
                most_bytes=most_bytes,
                oldest_at=None if oldest is None else oldest.decided_at,
                damaged=self._kept + len(index.damaged),
            )

    def oldest(self, most: int) -> Sequence[NewDecision]:
        """Return the pending decisions appended first, while the file is `alone`."""
        while True:
            with self._mutex:
                self._look()
                first = self._index.first(most)
            found = []
            for pending in first:
                try:
                    found.append(read_decision(self._body(pending)))
                except (UnreadableError, _RottenError):
                    with self._mutex:
                        self._index.give_up(pending)
            if found or not first:
                return found

    def drop(self, decision_ids: Sequence[bytes]) -> None:
        """Forget decisions that are delivered."""
        with self._mutex:
            self._look()
            self._index.drop(decision_ids)

    def pending(self) -> int:
        """Return how many are not delivered."""
        with self._mutex:
            self._look()
            return len(self._index.by_request)

    def keep_damaged(self) -> None:
        """Keep aside what cannot be read, while the file is `alone`."""
        with self._mutex:
            self._look()
            for start, end in self._index.damaged:
                aside.keep(self._file.folder, self._file.read(end - start, start))
            self._index.damaged.clear()
            self._kept = aside.count(self._file.folder)

    def _standing(
        self, find: Callable[[Index], Pending | None]
    ) -> tuple[Pending | None, Standing | None]:
        with self._mutex:
            while True:
                self._look()
                pending = find(self._index)
                if pending is None:
                    return None, None
                try:
                    return pending, read_standing(self._body(pending))
                except _BegunAnewError:
                    continue

    def _look(self) -> None:
        """Take in what lies there that did not when this process looked last."""
        while (state := self._file.state()) is not self._seen:
            if state.generation != self._seen.generation:
                self._index = Index()
                self._seen = State(state.generation, 0)
                self._kept = aside.count(self._file.folder)
            try:
                for chunk in walk(self._read, self._seen.end, state.end):
                    self._index.take(chunk.records, chunk.damaged)
                    self._seen = State(state.generation, chunk.end)
            except _BegunAnewError:
                continue
            self._seen = state

    def _body(self, pending: Pending) -> bytes:
        record = only_record(self._read(pending.end - pending.start, pending.start))
        if record is None:
            raise _RottenError(errno.EIO, "a record of the journal is damaged")
        return record.body

    def _read(self, size: int, start: int) -> bytes:
        try:
            data: bytes | None = self._file.read(size, start)
        except OSError:
            if self._file.state().generation == self._seen.generation:
                raise
            data = None
        if data is None or self._file.state().generation != self._seen.generation:
            raise _BegunAnewError
        return data
