"""The journal: group commit on a thread of its own, in the file that all processes share."""

import asyncio
import errno
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import structlog

from sekisho.adapters.journal.batch import Batch, Outcome
from sekisho.adapters.journal.bodies import UnreadableError, delivered_body
from sekisho.adapters.journal.known import Known
from sekisho.adapters.journal.records import Kind, framed
from sekisho.adapters.journal.shared_file import BEGIN_BYTES, SharedFile
from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.ledger import NewDecision, Once
from sekisho.domain.decision import Standing
from sekisho.domain.errors import JournalUnavailableError, SekishoError

P = ParamSpec("P")
T = TypeVar("T")
_log = structlog.get_logger(__name__)
_BROKEN = (OSError, UnreadableError)


class FileJournal:
    """Implements Journal, in a folder on a local disk. Make it after any fork.

    Where the folder cannot be used every call raises JournalUnavailableError, and those that
    write try again to open it.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._file: SharedFile | None = None
        self._known: Known | None = None
        self._thread = ThreadPoolExecutor(1, "journal")
        self._gate = threading.Lock()
        self._batch: Batch | None = None
        self._failing = ""
        try:
            self._opened()
        except OSError as error:
            self._note(error)

    async def append(self, decision: NewDecision) -> Standing:
        """Make a decision durable on this host, or return what its request got before."""
        with self._gate:
            batch = self._batch
            if batch is None or batch.future is None:
                batch = Batch()
                batch.future = self._submit(self._write, batch)
                self._batch = batch
            place, future = batch.add(decision), batch.future
        # One that gives up takes nothing from the others.
        outcome = (await asyncio.shield(future))[place]
        if isinstance(outcome, SekishoError):
            raise outcome
        return outcome

    def find(self, once: Once) -> Standing | None:
        """Return what a request whose decision lies there got."""
        try:
            return self._looked().find(once)
        except _BROKEN as error:
            raise self._unavailable(error) from None

    def standing(self, decision_id: bytes) -> Standing | None:
        """Return where a decision that lies there stands."""
        try:
            return self._looked().standing(decision_id)
        except _BROKEN as error:
            raise self._unavailable(error) from None

    def state(self) -> JournalState:
        """Return how much lies there now."""
        try:
            return self._looked().state(self._most_bytes)
        except _BROKEN as error:
            raise self._unavailable(error) from None

    async def oldest(self, most: int) -> Sequence[NewDecision]:
        """Return the oldest decisions for this process to deliver."""
        return await self._submit(self._oldest, most)

    async def delivered(self, decision_ids: Sequence[bytes]) -> None:
        """Forget decisions that the ledger now holds."""
        await self._submit(self._delivered, decision_ids)

    async def release(self) -> None:
        """Let another process of this host deliver."""
        await self._submit(self._release)

    async def close(self) -> None:
        """Write what waits, and close the files."""
        await asyncio.to_thread(self._thread.shutdown)
        if self._file is not None:
            self._file.close()

    def _submit(
        self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[T]":
        try:
            return asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))
        except RuntimeError:
            raise JournalUnavailableError("the journal is closed") from None

    def _write(self, batch: Batch) -> Sequence[Outcome]:
        with self._gate:
            self._batch = None
        try:
            with self._told():
                file, known = self._opened()
                with file.alone():
                    records = batch.records(known.find, self._most_bytes - file.state().end)
                    if records:
                        file.append(records, durable=True)
                        self._resumed()
                    return batch.written()
        except JournalUnavailableError as error:
            return batch.failed(error)

    def _oldest(self, most: int) -> Sequence[NewDecision]:
        with self._told():
            file, known = self._opened()
            if not file.take_delivery():
                return ()
            with file.alone():
                # Who delivered the last of them died before he could, or the disk failed him.
                if file.state().end > BEGIN_BYTES:
                    _begin_if_done(file, known)
                return known.oldest(most)

    def _delivered(self, decision_ids: Sequence[bytes]) -> None:
        with self._told():
            file, known = self._opened()
            with file.alone():
                known.drop(decision_ids)
                if _begin_if_done(file, known):
                    return
                try:
                    # Not flushed: to deliver again what a crash lets reappear changes nothing.
                    file.append(framed(Kind.DELIVERED, delivered_body(decision_ids)), durable=False)
                except OSError as error:
                    # On a full disk too this process gets to the end, which makes space.
                    self._note(error)

    def _release(self) -> None:
        with self._told():
            if self._file is not None:
                self._file.release_delivery()

    def _opened(self) -> tuple[SharedFile, Known]:
        """Return the open files; open them first where that failed before. Raises OSError."""
        if self._file is None or self._known is None:
            file = SharedFile(self._folder)
            known = Known(file)
            try:
                with file.alone():
                    known.keep_damaged()
                found = known.state(self._most_bytes)
            except BaseException:
                file.close()
                raise
            if found.pending:
                _log.warning("journal.found", decisions=found.pending, bytes=found.bytes)
            self._file, self._known = file, known
        return self._file, self._known

    def _looked(self) -> Known:
        if self._known is None:
            raise JournalUnavailableError("the journal is not open")
        return self._known

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk says into the domain's error."""
        try:
            yield
        except _BROKEN as error:
            raise self._unavailable(error) from None

    def _unavailable(self, error: Exception) -> JournalUnavailableError:
        self._note(error)
        return JournalUnavailableError("the journal cannot be used")

    def _note(self, error: Exception) -> None:
        """Log an error, once until it is another one."""
        number = error.errno if isinstance(error, OSError) else None
        kind = errno.errorcode.get(number or 0, type(error).__name__)
        if kind != self._failing:
            self._failing = kind
            _log.error("journal.failed", error=kind)

    def _resumed(self) -> None:
        if self._failing:
            self._failing = ""
            _log.info("journal.resumed")


def _begin_if_done(file: SharedFile, known: Known) -> bool:
    """Begin the file anew where nothing is pending, and return whether it was."""
    if known.pending():
        return False
    known.keep_damaged()
    file.begin()
    return True
