"""Processes of one host are killed while they append and deliver."""

import asyncio
import multiprocessing
import random
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

import pytest

from sekisho.adapters.journal.journal import FileJournal
from tests.adapters.journal import appender

PROCESSES = 3
KILLS = 30

Lines = list[tuple[str, str, str]]


@pytest.fixture
def processes() -> Iterator[ForkServerContext]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.adapters.journal.appender"])
    yield context
    for process in context.active_children():
        process.kill()
        process.join()


def told(folder: Path) -> Lines:
    """Return what, request and decision of each line."""
    found = []
    for path in folder.glob("told-*"):
        for line in path.read_text().splitlines():
            words = line.split(" ")
            if len(words) == 3:
                found.append((words[0], words[1], words[2]))
    return found


@pytest.mark.slow
@pytest.mark.destructive
@pytest.mark.parametrize("seed", [1, 2])
async def test_every_acknowledged_append_is_delivered_or_there_after_kills(
    seed: int, folder: Path, tmp_path: Path, processes: ForkServerContext
) -> None:
    rng = random.Random(seed)
    starts = 0
    kills = 0

    def start() -> ForkServerProcess:
        nonlocal starts
        starts += 1
        ready = processes.Event()
        process = processes.Process(
            target=appender.run,
            args=(folder, tmp_path / f"told-{starts}", seed * 1000 + starts, ready),
        )
        process.start()
        assert ready.wait(30)
        return process

    running = [start() for _ in range(PROCESSES)]
    while kills < KILLS:
        await asyncio.sleep(rng.random() * 0.1)
        victims = running if rng.random() < 0.1 else [rng.choice(running)]
        for victim in list(victims):
            assert victim.exitcode is None
            victim.kill()
            victim.join()
            running.remove(victim)
            kills += 1
        running += [start() for _ in range(PROCESSES - len(running))]
    for process in running:
        process.kill()
        process.join()

    journal = FileJournal(folder, appender.MOST_BYTES)
    pending = await journal.oldest(1_000_000)
    there = [(each.once.request_id, each.standing.decision_id.hex()) for each in pending]
    assert len({request for request, _ in there}) == len(there), f"seed {seed}"
    lines = told(tmp_path)
    acked = {(request, decision) for what, request, decision in lines if what == "acked"}
    ledger = {(request, decision) for what, request, decision in lines if what == "ledger"}
    assert len(acked) > 100
    assert any(what == "emptied" for what, _, _ in lines)
    assert acked <= ledger | set(there), f"seed {seed}"
    await journal.delivered([each.standing.decision_id for each in pending])
    state = journal.state()
    assert (state.pending, state.damaged) == (0, 0)
    await journal.close()
