"""Journals of a test, each closed at its end."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from sekisho.adapters.journal.journal import FileJournal

MOST_BYTES = 16 << 20

Open = Callable[..., FileJournal]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
async def open_journal(folder: Path) -> AsyncIterator[Open]:
    """Open the journal; once more is as another process of the host does it."""
    opened: list[FileJournal] = []

    def open_(most_bytes: int = MOST_BYTES) -> FileJournal:
        opened.append(FileJournal(folder, most_bytes))
        return opened[-1]

    yield open_
    for journal in opened:
        await journal.close()


@pytest.fixture
def journal(open_journal: Open) -> FileJournal:
    return open_journal()
