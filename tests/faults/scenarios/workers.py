"""Several workers behind one port: killed one by one, orphaned, and relieved under traffic."""

import os
import signal
from pathlib import Path

from tests.faults.calls import now_ms
from tests.faults.world import Break, Tally, World, world

WORKERS = 2


async def worker_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of one of two workers, which their parent replaces."""
    async with world(seed, postgres=True, workers=str(WORKERS)) as here:
        for number in range(rounds):
            await here.answers(here.chance.randrange(3, 30))
            await here.until(lambda: len(_workers(here)) == WORKERS, "all workers")
            await here.until(lambda: bool(here.read.open), "a call under way")
            here.breaks.append(Break(now_ms(), "worker", killed=True))
            os.kill(here.chance.choice(_workers(here)), signal.SIGKILL)
            await here.until(
                lambda: here.service.child.said().count("worker.restarted") > number,  # noqa: B023
                "the worker's successor",
            )
        return await here.verdict()


async def parent_killed(seed: str, rounds: int) -> Tally:
    """SIGKILL of the parent of two workers, which drain and end."""
    async with world(seed, postgres=True, workers=str(WORKERS)) as here:
        for _ in range(rounds):
            await here.answers(here.chance.randrange(3, 30))
            await here.kill(here.service)
            await here.service.start()
        return await here.verdict()


async def workers_relieved(seed: str, rounds: int) -> Tally:
    """SIGHUP: a rolling restart of two workers."""
    async with world(seed, postgres=True, workers=str(WORKERS)) as here:
        for number in range(rounds):
            await here.answers(here.chance.randrange(3, 30))
            here.broke("SIGHUP")
            here.service.child.signal(signal.SIGHUP)
            await here.until(
                lambda: here.service.child.said().count("workers.relieved") > number,  # noqa: B023
                "the workers' successors",
            )
        return await here.verdict()


def _workers(here: World) -> list[int]:
    """Return the processes that serve, or are about to."""
    children = Path(f"/proc/{here.service.child.pid}/task").glob("*/children")
    pids = [int(pid) for each in children for pid in each.read_text().split()]
    return [pid for pid in pids if b"--seat" in Path(f"/proc/{pid}/cmdline").read_bytes()]
