"""A crew of real processes, small ones that do as they are told."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sekisho.starting import StartError
from sekisho.supervisor.crew import Crew
from sekisho.supervisor.post import Patience
from sekisho.supervisor.seat import Orders
from tests.supervisor import worker_script
from tests.support.crew import alive


@dataclass
class Crewed:
    """A crew, and what its workers noted."""

    folder: Path
    crew: Crew
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    restarts: int = 0

    def let_them(self, how: str) -> None:
        """Say what workers do that start from now on."""
        (self.folder / "how").write_text(how)

    def noted(self, what: str) -> list[int]:
        """Return the pids of those who noted it, in order."""
        return [pid for each, pid in self.notes() if each == what]

    def notes(self) -> list[tuple[str, int]]:
        """Return all notes."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(what, int(pid)) for what, pid in (line.split() for line in lines)]

    def serving(self) -> list[int]:
        """Return the workers that serve."""
        return [pid for pid in self.noted("serves") if alive(pid)]


def crewed(folder: Path, how: str, workers: int = 2, start_seconds: float = 10) -> Crewed:
    def restarted() -> None:
        found.restarts += 1

    crew = Crew(
        (sys.executable, "-S", "-E", worker_script.__file__, str(folder)),
        Orders("127.0.0.1", 1, workers),
        Patience(start_seconds, 1),
        restarted,
    )
    found = Crewed(folder, crew)
    found.let_them(how)
    return found


@asynccontextmanager
async def running(folder: Path, how: str = "serve", workers: int = 2) -> AsyncIterator[Crewed]:
    found = crewed(folder, how, workers)
    work = asyncio.create_task(found.crew.run(found.ready.set))
    try:
        async with asyncio.timeout(20):
            await found.ready.wait()
        yield found
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert not [pid for pid in found.noted("began") if alive(pid)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_it_is_ready_once_all_serve_and_ends_with_all_of_them(tmp_path: Path) -> None:
    async with running(tmp_path, workers=3) as found:
        assert len(found.serving()) == found.crew.running == 3
    assert sorted(found.noted("drains")) == sorted(found.noted("serves"))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("refuse", "the policy is bad"),
        ("crash", r"ended before it served \(status 3\)"),
        ("hang", "did not serve within 0.5 s"),
    ],
)
async def test_the_first_start_is_all_or_nothing(tmp_path: Path, how: str, told: str) -> None:
    found = crewed(tmp_path, how, start_seconds=0.5 if how == "hang" else 10)
    with pytest.raises(StartError, match=told):
        await found.crew.run(found.ready.set)
    assert not found.ready.is_set()
    assert not [pid for pid in found.noted("began") if alive(pid)]


@pytest.mark.destructive
async def test_a_killed_worker_is_replaced_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as found:
        victim, other = found.serving()
        killed_at = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        await until(lambda: len(found.noted("serves")) == 3 and found.crew.running == 2)
        assert time.monotonic() - killed_at < 5
        assert other in found.serving()
        assert found.restarts == 1


@pytest.mark.destructive
async def test_workers_that_crash_in_a_row_are_tried_again_ever_later(tmp_path: Path) -> None:
    async with running(tmp_path, workers=1) as found:
        found.let_them("crash")
        began = time.monotonic()
        os.kill(found.serving()[0], signal.SIGKILL)
        await until(lambda: len(found.noted("began")) == 5)
        # At once, then after at least 0.125, 0.25 and 0.5 s.
        assert time.monotonic() - began > 0.875
        assert found.crew.running == 0
        found.let_them("serve")
        await until(lambda: found.crew.running == 1)


@pytest.mark.destructive
async def test_a_worker_that_hangs_at_its_start_is_killed_and_tried_again(tmp_path: Path) -> None:
    found = crewed(tmp_path, "serve", workers=1, start_seconds=1)
    work = asyncio.create_task(found.crew.run(found.ready.set))
    await found.ready.wait()
    found.let_them("hang")
    os.kill(found.serving()[0], signal.SIGKILL)
    await until(lambda: len(found.noted("began")) == 2)
    hanging = found.noted("began")[1]
    found.let_them("serve")
    await until(lambda: found.crew.running == 1)
    assert not alive(hanging)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def test_a_successor_serves_before_its_predecessor_drains(tmp_path: Path) -> None:
    async with running(tmp_path) as found:
        first = found.serving()
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: len(found.noted("drains")) == 2 and len(found.serving()) == 2)
        assert not set(first) & set(found.serving())
        steps = [what for what, _ in found.notes() if what != "began"][2:]
        # One at a time: never two fewer, never two more.
        assert steps == ["serves", "drains", "serves", "drains"]
        assert found.restarts == 0


async def test_workers_whose_successors_cannot_start_stay(tmp_path: Path) -> None:
    async with running(tmp_path) as found:
        first = found.serving()
        found.let_them("refuse")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: len(found.noted("serves")) == 3)
        await until(lambda: found.serving() == first)
        assert found.crew.running == 2
        found.let_them("serve")
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: sorted(found.noted("drains")) == sorted(first))


@pytest.mark.destructive
async def test_a_relief_hurries_what_waits_after_crashes(tmp_path: Path) -> None:
    async with running(tmp_path, workers=1) as found:
        found.let_them("crash")
        os.kill(found.serving()[0], signal.SIGKILL)
        await until(lambda: len(found.noted("began")) == 6)
        found.let_them("serve")
        # The next try would be made 1 to 2 s after the last.
        began = time.monotonic()
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: found.crew.running == 1)
        assert time.monotonic() - began < 1


async def test_a_worker_that_does_not_end_is_killed(tmp_path: Path) -> None:
    async with running(tmp_path, "stubborn", workers=1) as found:
        (stubborn,) = found.serving()
    assert not alive(stubborn)
    assert found.noted("drains") == []
