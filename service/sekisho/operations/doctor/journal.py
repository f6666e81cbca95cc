"""The journal: what lies there that the ledger does not have yet."""

import os
from collections.abc import Iterator
from pathlib import Path

from sekisho.adapters.journal.journal import FileJournal
from sekisho.application.ports.journal import JournalState
from sekisho.domain.errors import JournalUnavailableError
from sekisho.operations.doctor.finding import Area, Finding, age, size
from sekisho.settings import Settings

_AREA = Area("journal")
_LATE_MS = 10_000
"""Longer than a round of delivery waits: something keeps it."""
_NEARLY_FULL = 0.8


async def journal(settings: Settings, now: int) -> list[Finding]:
    """Look into the journal where there is one; nothing is made. `now` is Unix ms."""
    folder = settings.data_dir / "journal"
    if not (folder / "journal").exists():
        return [_AREA.ok("none yet: it is made at the first start")]
    if not _writable(folder):
        return [
            _AREA.problem(
                f"{folder} cannot be written to by this user",
                "run as the service's user, or chown it: without it an absent ledger is refused",
            )
        ]
    opened = FileJournal(folder, settings.journal_mb << 20)
    try:
        return list(findings(opened.state(), now))
    except JournalUnavailableError:
        return [
            _AREA.problem(
                f"{folder} cannot be used", "look into the service's log for journal.failed"
            )
        ]
    finally:
        await opened.close()


def findings(state: JournalState, now: int) -> Iterator[Finding]:
    """Judge a state. `now` is Unix ms."""
    room = "set SEKISHO_JOURNAL_MB higher, or bring the ledger back"
    said = f"{size(state.bytes)} of {size(state.most_bytes)}"
    if state.bytes >= state.most_bytes:
        yield _AREA.problem(f"full, {said}: no decision is taken while the ledger is away", room)
    elif state.bytes > _NEARLY_FULL * state.most_bytes:
        yield _AREA.warning(f"nearly full, {said}", room)
    if state.damaged:
        yield _AREA.problem(
            f"{state.damaged} parts could not be read and are kept aside",
            "keep the files damaged-* of the journal's folder for whoever examines them",
        )
    if not state.pending:
        yield _AREA.ok("empty: the ledger has every decision")
        return
    waited = now - (state.oldest_at or now)
    what = "1 decision waits" if state.pending == 1 else f"{state.pending} decisions wait"
    waiting = f"{what} for the ledger, the oldest for {age(max(0, waited))}"
    if waited > _LATE_MS:
        yield _AREA.problem(
            f"{waiting}: nothing on this host ends in ALLOW",
            "bring the ledger back and keep a service running here: it delivers by itself",
        )
    else:
        yield _AREA.warning(waiting, "wait: they are delivered within seconds of its return")


def _writable(folder: Path) -> bool:
    every = (folder, folder / "journal")
    return all(os.access(path, os.R_OK | os.W_OK) for path in every)
