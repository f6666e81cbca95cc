import errno
import os
import random
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.adapters.journal.bodies import decision_body
from sekisho.adapters.journal.journal import FileJournal
from sekisho.adapters.journal.records import Kind, Record, framed, walk
from sekisho.adapters.journal.shared_file import BEGIN_BYTES
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import Verdict
from sekisho.domain.errors import JournalUnavailableError
from tests.adapters.journal.conftest import MOST_BYTES, Open
from tests.adapters.sql import samples

EVERY = [samples.decision(("recovery", n), verdict=Verdict.STEP_UP) for n in range(4)]


async def written(folder: Path, decisions: list[NewDecision] = EVERY) -> bytes:
    """Append, close, and return the file."""
    journal = FileJournal(folder, MOST_BYTES)
    for new in decisions:
        await journal.append(new)
    await journal.close()
    return (folder / "journal").read_bytes()


def places(content: bytes) -> list[Record]:
    chunks = walk(lambda size, start: content[start : start + size], 0, len(content))
    return [record for chunk in chunks for record in chunk.records]


def aside(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("damaged-*")]


def forget_state(folder: Path) -> None:
    """Leave what a crash of the machine may leave: the file, and no shared state that fits."""
    (folder / "lock").write_bytes(b"")


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Let the kernel refuse to let any file grow beyond a size, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("machine_crashed", [False, True])
async def test_a_changed_byte_in_the_middle_hides_no_record_behind_it(
    folder: Path, open_journal: Open, machine_crashed: bool
) -> None:
    content = bytearray(await written(folder))
    second = places(bytes(content))[2]
    content[second.start + 500] ^= 1
    (folder / "journal").write_bytes(content)
    if machine_crashed:
        forget_state(folder)
    journal = open_journal()
    assert await journal.oldest(10) == [EVERY[0], *EVERY[2:]]
    assert journal.state().damaged == 1
    assert aside(folder) == [bytes(content[second.start : second.end])]
    await journal.delivered([new.standing.decision_id for new in EVERY])
    # Forgotten in the file, and still kept for people.
    assert (journal.state().bytes, journal.state().damaged) == (BEGIN_BYTES, 1)
    assert open_journal().state().damaged == 1


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
async def test_whatever_byte_is_changed_at_most_its_own_record_is_lost(
    rng: random.Random, machine_crashed: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "journal"
        content = bytearray(await written(folder))
        # Half of them in a frame or the beginning, where it hurts most.
        spots = places(bytes(content))
        record = rng.choice(spots)
        within = rng.choice([16, record.end - record.start])
        at = record.start + rng.randrange(within)
        content[at] ^= rng.randrange(1, 256)
        (folder / "journal").write_bytes(content)
        if machine_crashed:
            forget_state(folder)
        journal = FileJournal(folder, MOST_BYTES)
        found = [new for new, spot in zip(EVERY, spots[1:], strict=True) if spot is not record]
        assert await journal.oldest(10) == found
        extra = samples.decision("extra")
        assert await journal.append(extra) == extra.standing
        assert len(aside(folder)) + journal.state().damaged > 0
        await journal.close()
        again = FileJournal(folder, MOST_BYTES)
        assert await again.oldest(10) == [*found, extra]
        await again.close()


@pytest.mark.parametrize("machine_crashed", [False, True])
async def test_a_file_cut_anywhere_holds_what_was_whole(
    folder: Path, open_journal: Open, machine_crashed: bool
) -> None:
    content = await written(folder)
    ends = [place.end for place in places(content)[1:]]
    rng = random.Random(11)
    cuts = [*range(BEGIN_BYTES + 1), *(end + d for end in ends for d in (-1, 0, 1, 15, 16))]
    for cut in [*cuts, *rng.sample(range(len(content)), 10)]:
        (folder / "journal").write_bytes(content[:cut])
        if machine_crashed:
            forget_state(folder)
        journal = open_journal()
        whole = [new for new, end in zip(EVERY, ends, strict=True) if end <= cut]
        assert list(await journal.oldest(10)) == whole
        extra = samples.decision("extra")
        await journal.append(extra)
        assert await journal.oldest(10) == [*whole, extra]
        await journal.close()
        (folder / "lock").write_bytes(b"")


async def test_what_a_dead_process_left_half_written_is_cut_off(
    journal: FileJournal, folder: Path
) -> None:
    first, second, third, _ = EVERY
    await journal.append(first)
    left = framed(Kind.DECISION, decision_body(second))
    for garbage in (left[:-1], left, left * 3 + left[:40], b"\0" * 5000):
        with (folder / "journal").open("ab") as file:
            file.write(garbage)
        # No caller was told of it: nobody sees it.
        assert journal.find(second.once) is None
        await journal.append(third)
        assert (folder / "journal").stat().st_size == journal.state().bytes
        assert await journal.oldest(10) == [first, third]
        await journal.delivered([third.standing.decision_id])
    assert journal.state().damaged == 0
    assert not aside(folder)


async def test_a_write_that_a_kill_cut_short_is_no_damage(folder: Path, open_journal: Open) -> None:
    journal = open_journal()
    await journal.append(EVERY[0])
    await journal.close()
    left = framed(Kind.DECISION, decision_body(EVERY[1]))
    with (folder / "journal").open("ab") as file:
        file.write((left * 3)[:-100])
    again = open_journal()
    assert await again.oldest(10) == EVERY[:2]
    assert again.state().damaged == 0
    assert not aside(folder)


async def test_after_a_crash_of_the_machine_records_behind_the_known_end_are_kept(
    folder: Path, open_journal: Open
) -> None:
    journal = FileJournal(folder, MOST_BYTES)
    await journal.append(EVERY[0])
    older = (folder / "lock").read_bytes()
    await journal.append(EVERY[1])
    await journal.close()
    # The shared state is never flushed: the disk has an older one.
    (folder / "lock").write_bytes(older)
    again = open_journal()
    assert await again.oldest(10) == EVERY[:2]
    assert not aside(folder)


async def test_a_record_that_this_version_cannot_read_is_kept_aside(
    folder: Path, open_journal: Open
) -> None:
    await written(folder, EVERY[:1])
    head = {
        "once": EVERY[1].once,
        "standing": {"decision_id": b"\x07" * 16, "decided_at": samples.NOW},
    }
    strange = [framed(Kind.DECISION, msgspec.msgpack.encode(body)) for body in ({}, head)]
    with (folder / "journal").open("ab") as file:
        file.write(b"".join(strange))
    journal = open_journal()
    # The second looks whole until it is to be delivered.
    assert journal.state().pending == 2
    assert await journal.oldest(10) == EVERY[:1]
    await journal.delivered([EVERY[0].standing.decision_id])
    assert journal.state().pending == 0
    assert sorted(aside(folder)) == sorted(strange)
    assert journal.state().damaged == 2


@pytest.mark.destructive
async def test_a_full_disk_refuses_and_forgets_nothing(
    journal: FileJournal, open_journal: Open, folder: Path
) -> None:
    other = open_journal()
    await journal.append(EVERY[0])
    size = journal.state().bytes
    with no_file_beyond(size + 4000):
        for _ in range(2):
            with pytest.raises(JournalUnavailableError) as caught:
                await journal.append(EVERY[1])
            assert caught.value.reason == "JOURNAL_UNAVAILABLE"
            assert (folder / "journal").stat().st_size == size
        # What lies there is still found.
        assert await journal.append(EVERY[0]) == EVERY[0].standing
        assert other.find(EVERY[0].once) == EVERY[0].standing
        assert other.find(EVERY[1].once) is None
    assert await journal.append(EVERY[1]) == EVERY[1].standing
    assert await other.oldest(10) == EVERY[:2]


@pytest.mark.destructive
async def test_on_a_full_disk_delivering_gets_to_the_end(
    journal: FileJournal, open_journal: Open
) -> None:
    other = open_journal()
    for new in EVERY:
        await journal.append(new)
    with no_file_beyond(journal.state().bytes):
        for new in EVERY:
            assert await journal.oldest(1) == [new]
            await journal.delivered([new.standing.decision_id])
        assert journal.state().bytes == BEGIN_BYTES
        assert other.state().pending == 0


async def test_a_failed_flush_answers_nobody_and_the_next_one_counts(
    journal: FileJournal, open_journal: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.append(EVERY[0])
    size = journal.state().bytes

    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", failing)
        with pytest.raises(JournalUnavailableError) as caught:
            await journal.append(EVERY[1])
        assert "Input/output" not in str(caught.value)
        assert (folder / "journal").stat().st_size == size
        patched.setattr(os, "ftruncate", lambda *_: failing(0))
        with pytest.raises(JournalUnavailableError):
            await journal.append(EVERY[1])
        # It lies there, and nobody may believe it.
        assert (folder / "journal").stat().st_size > size
        assert journal.find(EVERY[1].once) is None
    assert await journal.append(EVERY[2]) == EVERY[2].standing
    await journal.close()
    assert await open_journal().oldest(10) == [EVERY[0], EVERY[2]]


async def test_a_journal_that_cannot_be_opened_opens_when_it_can(
    folder: Path, open_journal: Open
) -> None:
    folder.write_bytes(b"in the way")
    journal = open_journal()
    with pytest.raises(JournalUnavailableError):
        journal.state()
    with pytest.raises(JournalUnavailableError):
        await journal.append(EVERY[0])
    folder.unlink()
    assert await journal.append(EVERY[0]) == EVERY[0].standing
    assert journal.state().pending == 1


async def test_a_journal_whose_file_was_removed_takes_nothing_more(
    journal: FileJournal, folder: Path
) -> None:
    await journal.append(EVERY[0])
    (folder / "journal").unlink()
    with pytest.raises(JournalUnavailableError):
        await journal.append(EVERY[1])
    # What it still has open it can still deliver.
    assert await journal.oldest(10) == EVERY[:1]


async def test_damage_to_the_shared_state_loses_nothing(
    journal: FileJournal, open_journal: Open, folder: Path
) -> None:
    other = open_journal()
    for new in EVERY:
        await journal.append(new)
    (folder / "lock").write_bytes(b"\xff" * 28)
    with pytest.raises(JournalUnavailableError):
        other.state()
    assert await journal.oldest(10) == EVERY
    assert other.state().pending == len(EVERY)


async def test_only_this_user_can_read_the_files(journal: FileJournal, folder: Path) -> None:
    await journal.append(EVERY[0])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
