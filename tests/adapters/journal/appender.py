"""A process of the host that appends to the journal and delivers from it until it is killed.

It tells what was acknowledged, and what it delivered, in files of its own: each line is written
at once, so that a kill loses none.
"""

import asyncio
import os
import random
import time
import uuid
from dataclasses import replace
from itertools import count
from multiprocessing.synchronize import Event
from pathlib import Path

from sekisho.adapters.journal.journal import FileJournal
from sekisho.application.ports.ledger import NewDecision, Once
from tests.adapters.sql import samples

MOST_BYTES = 64 << 20
_TOGETHER = 6
_SHARED_REQUESTS = 50


def run(folder: Path, told: Path, seed: int, ready: Event) -> None:
    """Append and deliver until killed."""
    asyncio.run(_run(folder, told, seed, ready))


def decision(rng: random.Random, number: int) -> NewDecision:
    """Return a decision of a request of its own, or of one that other processes bring too."""
    request = rng.randbytes(16)
    if rng.random() < 0.2:
        request = rng.randrange(_SHARED_REQUESTS).to_bytes(16, "big")
    decision_id = rng.randbytes(16)
    made = samples.decision(number % 8)
    return replace(
        made,
        once=Once("shinjuku-3", str(uuid.UUID(bytes=request)), b"\x01" * 16),
        standing=replace(made.standing, decision_id=decision_id),
    )


async def _run(folder: Path, told: Path, seed: int, ready: Event) -> None:
    journal = FileJournal(folder, MOST_BYTES)
    file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def append(which: int) -> None:
        rng = random.Random(f"{seed} {which}")
        for number in count():
            new = decision(rng, number)
            standing = await journal.append(new)
            line = f"acked {new.once.request_id} {standing.decision_id.hex()}\n"
            os.write(file, line.encode())
            # All pause at the same time, so that the journal is empty at times and begins anew.
            while time.monotonic() % 0.4 > 0.2:
                await asyncio.sleep(0.01)

    async def deliver() -> None:
        rng = random.Random(f"{seed} delivery")
        while True:
            await asyncio.sleep(rng.random() * 0.02)
            batch = await journal.oldest(rng.randrange(1, 200))
            for each in batch:
                line = f"ledger {each.once.request_id} {each.standing.decision_id.hex()}\n"
                os.write(file, line.encode())
            await journal.delivered([each.standing.decision_id for each in batch])
            if batch and not journal.state().pending:
                os.write(file, b"emptied - -\n")
            await journal.release()

    ready.set()
    await asyncio.gather(*(append(which) for which in range(_TOGETHER)), deliver())
