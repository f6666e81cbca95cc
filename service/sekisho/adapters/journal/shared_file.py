"""The journal's file, which all processes of the host append to in turn.

What a process left behind that died while it wrote is cut off by the next that has the lock:
nobody was told of it. Only on opening is it kept where it is whole, for after a crash of the
machine the shared state may be older than the file.

After a failed flush the kernel takes pages for written that are not. All of them hold bytes that
are then cut off, but for the page in which the last durable record ends, and that is written
again together with the next record, before that one counts as durable.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_bytes

from sekisho.adapters.journal import aside
from sekisho.adapters.journal.records import Kind, Record, cut_short, framed, only_record, walk
from sekisho.adapters.journal.shared_state import SharedState, State

_GENERATION_BYTES = 16
BEGIN_BYTES = len(framed(Kind.BEGIN, bytes(_GENERATION_BYTES)))
"""How long the file is that holds nothing."""


class SharedFile:
    """The open file. Everything raises OSError.

    The locks are this object's: a process that forks afterwards shares them with its child.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._open = ExitStack()
        with ExitStack() as opened:
            self._lock = _opened(folder / "lock", opened)
            self._delivery = _opened(folder / "delivery.lock", opened)
            self._file = _opened(folder / "journal", opened)
            self._shared = SharedState(self._lock)
            aside.flush_folder(folder)
            aside.flush_folder(folder.parent)
            with self._locked():
                self._check()
            self._open = opened.pop_all()

    def close(self) -> None:
        """Close all, which lets go of the locks."""
        self._open.close()
        self._file = self._lock = self._delivery = -1
        self._shared = SharedState(-1)

    def state(self) -> State:
        """Return the state that all processes share; the same object until it changes."""
        state = self._shared.read()
        if state is None:
            raise OSError(errno.EIO, "the journal's shared state is damaged")
        return state

    def read(self, size: int, start: int) -> bytes:
        """Return so many bytes from a place."""
        data = os.pread(self._file, size, start)
        if len(data) < size:
            raise OSError(errno.EIO, "the journal is shorter than it was")
        return data

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process appends, and keep them from it."""
        with self._locked():
            state = self._shared.read()
            size = os.fstat(self._file).st_size
            if state is None or size < state.end:
                self._recover(0)
            elif state.end == 0:
                self.begin()
            elif size > state.end:
                os.ftruncate(self._file, state.end)
            yield

    def append(self, records: bytes, *, durable: bool) -> None:
        """Append while `alone`; all of it or nothing. `durable`: flush it to the disk."""
        state = self.state()
        if os.fstat(self._file).st_nlink == 0:
            raise OSError(errno.ESTALE, "the journal's file was removed")
        try:
            self._write(records, state.end)
            if durable:
                os.fdatasync(self._file)
        except OSError:
            # Where this fails too, the next that is alone does it.
            with suppress(OSError):
                os.ftruncate(self._file, state.end)
            raise
        self._shared.publish(state.generation, state.end + len(records))

    def begin(self) -> None:
        """Begin the file anew while `alone`: what lies there is forgotten, and its space free.

        Others hear of it first, for they read without the lock. Each step is flushed, so that
        old records never follow a new beginning.
        """
        generation = token_bytes(_GENERATION_BYTES)
        self._shared.publish(generation, 0)
        os.ftruncate(self._file, 0)
        os.fdatasync(self._file)
        self._write(framed(Kind.BEGIN, generation), 0)
        os.fdatasync(self._file)
        self._shared.publish(generation, BEGIN_BYTES)

    def take_delivery(self) -> bool:
        """Become the process that delivers, unless another one is."""
        try:
            fcntl.flock(self._delivery, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release_delivery(self) -> None:
        """Let another process deliver."""
        fcntl.flock(self._delivery, fcntl.LOCK_UN)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _check(self) -> None:
        """Recover the file, unless the shared state fits it."""
        state = self._shared.read()
        size = os.fstat(self._file).st_size
        begin = only_record(os.pread(self._file, BEGIN_BYTES, 0))
        if state is None or begin is None or begin.body != state.generation:
            self._recover(0)
        elif size != state.end:
            self._recover(state.end)

    def _recover(self, trusted: int) -> None:
        """Find out what the file holds, and tell all processes.

        What lies behind `trusted` is written again: a flush of it may have failed before.
        """
        size = os.fstat(self._file).st_size
        first: Record | None = None
        end = 0
        for chunk in walk(self.read, 0, size):
            if chunk.records:
                first = first or chunk.records[0]
                end = chunk.records[-1].end
        if first is None:
            # A beginning that was cut short is worth nothing.
            if size >= BEGIN_BYTES:
                self._keep(0, size)
            self.begin()
            return
        self._keep(0, first.start)
        # A process that died while it wrote left it: nobody was told of what is behind `trusted`.
        unwritten = 0 < trusted <= end < size and cut_short(self.read(size - end, end))
        if not unwritten:
            self._keep(end, size)
        os.ftruncate(self._file, end)
        for chunk in walk(self.read, min(trusted, end), end):
            self._write(self.read(chunk.end - chunk.start, chunk.start), chunk.start)
        generation = token_bytes(_GENERATION_BYTES)
        if first.kind == Kind.BEGIN or first.start >= BEGIN_BYTES:
            self._write(framed(Kind.BEGIN, generation), 0)
        os.fdatasync(self._file)
        self._shared.publish(generation, end)

    def _keep(self, start: int, end: int) -> None:
        if end > start:
            aside.keep(self.folder, self.read(end - start, start))

    def _write(self, data: bytes, at: int) -> None:
        left = memoryview(data)
        while left:
            written = os.pwrite(self._file, left, at)
            left = left[written:]
            at += written


def _opened(path: Path, stack: ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    stack.callback(os.close, descriptor)
    return descriptor
