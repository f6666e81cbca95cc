import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sekisho.adapters.journal.bodies import decision_body
from sekisho.adapters.journal.known import Known
from sekisho.adapters.journal.records import Kind, framed
from sekisho.adapters.journal.shared_file import SharedFile
from sekisho.application.ports.ledger import NewDecision
from sekisho.domain.decision import Verdict
from tests.adapters.sql import samples

FIRST = samples.decision(verdict=Verdict.STEP_UP)
SECOND = replace(
    FIRST,
    once=samples.once(body=FIRST.once.body_digest),
    standing=replace(FIRST.standing, decision_id=b"\x02" * 16),
)
"""As long as the first, so that it lies in just the same place of a file begun anew."""


@pytest.fixture
def other(folder: Path) -> Iterator[SharedFile]:
    file = SharedFile(folder)
    yield file
    file.close()


@pytest.fixture
def known(folder: Path) -> Iterator[Known]:
    file = SharedFile(folder)
    yield Known(file)
    file.close()


def append(file: SharedFile, decision: NewDecision) -> None:
    with file.alone():
        file.append(framed(Kind.DECISION, decision_body(decision)), durable=False)


def before_the_next_read(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    read = SharedFile.read

    def acting(self: SharedFile, size: int, start: int) -> bytes:
        monkeypatch.undo()
        act()
        return read(self, size, start)

    monkeypatch.setattr(SharedFile, "read", acting)


def test_a_decision_is_not_taken_for_the_one_that_lay_in_its_place(
    known: Known, other: SharedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(other, FIRST)
    assert known.find(FIRST.once) == FIRST.standing

    def begun_anew() -> None:
        with other.alone():
            other.begin()
        append(other, SECOND)

    before_the_next_read(monkeypatch, begun_anew)
    assert known.find(FIRST.once) is None
    assert known.find(SECOND.once) == SECOND.standing


def test_a_file_begun_anew_while_it_is_read_is_no_damage(
    known: Known, other: SharedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(other, FIRST)

    def begun_anew() -> None:
        with other.alone():
            other.begin()

    before_the_next_read(monkeypatch, begun_anew)
    state = known.state(0)
    assert (state.pending, state.damaged) == (0, 0)


def test_what_cannot_be_kept_aside_is_not_forgotten(
    known: Known, other: SharedFile, folder: Path
) -> None:
    with other.alone():
        other.append(b"damaged", durable=False)
    assert known.state(0).damaged == 1
    in_the_way = folder / f"making-{os.getpid()}"
    in_the_way.mkdir()
    with pytest.raises(OSError, match="directory"):
        known.keep_damaged()
    assert known.state(0).damaged == 1
    in_the_way.rmdir()
    known.keep_damaged()
    assert known.state(0).damaged == 1
    assert [path.read_bytes() for path in folder.glob("damaged-*")] == [b"damaged"]
