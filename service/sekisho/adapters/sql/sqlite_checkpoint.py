"""Carries what was committed from SQLite's log into its file, beside the writer.

Left to itself SQLite does so within whichever commit makes the log long enough, and that one
waits for tens of milliseconds.
"""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from sekisho.adapters.sql.sqlite_connection import connect

SECONDS = 1.0
"""Pause between two checkpoints."""

LONG_LOG_PAGES = 4_096
"""16 MiB. The log begins anew only when all of it was carried over. Where there is never a lull
the writer is kept out for the moment that the rest takes."""

LONGEST_LOG_PAGES = 16 * LONG_LOG_PAGES
"""The writer sees to a log of this length itself."""


class Checkpointer:
    """A thread that runs a checkpoint soon after there were commits."""

    def __init__(self, path: Path, busy_timeout: float) -> None:
        self._path = path
        self._busy_timeout = busy_timeout
        self._committed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="ledger-checkpoint", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """There was a commit."""
        self._committed.set()

    def close(self) -> None:
        """End the thread. The last connection that closes carries over what is left."""
        self._closed.set()
        self._committed.set()
        self._thread.join()

    def _work(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._committed.wait()
            # Before the pause: cleared after it, what `close` sets in between would be lost.
            self._committed.clear()
            if self._closed.wait(SECONDS):
                break
            # A failure costs nothing but a longer log; the writer meets what is behind it.
            with suppress(sqlite3.Error):
                if connection is None:
                    connection = connect(self._path, self._busy_timeout, writable=True)
                _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if pages > LONG_LOG_PAGES:
                    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        if connection is not None:
            connection.close()
