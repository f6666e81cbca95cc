"""The thread that carries SQLite's log into its file."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.adapters.sql import sqlite_checkpoint
from sekisho.adapters.sql.sqlite_checkpoint import Checkpointer


class Paused(threading.Event):
    """An event at which something happens just when a wait for it has ended in vain."""

    just_then: Callable[[], None] | None = None

    def wait(self, timeout: float | None = None) -> bool:
        came = super().wait(timeout)
        if self.just_then is not None and not came:
            just_then, self.just_then = self.just_then, None
            just_then()
        return came


def test_a_checkpointer_that_is_closed_just_as_its_pause_ends_does_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_checkpoint, "SECONDS", 0.01)
    made: list[Paused] = []

    def event() -> Paused:
        made.append(Paused())
        return made[-1]

    with monkeypatch.context() as patched:
        patched.setattr(threading, "Event", event)
        checkpointer = Checkpointer(tmp_path / "ledger.db", 1.0)
    committed, closed = made[:2]
    closing = threading.Thread(target=checkpointer.close, daemon=True)

    def close() -> None:
        committed.clear()
        closing.start()
        assert committed.wait(10)

    closed.just_then = close
    checkpointer.nudge()
    assert closed.wait(10)
    closing.join(10)
    assert not closing.is_alive()
