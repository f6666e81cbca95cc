"""A ledger that is away for long, or refuses to be written."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.servers import Postgres
from tests.faults.world import Tally, World, world

_AWAY_SECONDS = 5.0
"""A round: in the long run there are twelve, a minute in all."""
_DISK_BYTES = 64_000_000
_READ_ONLY = "ALTER SYSTEM SET default_transaction_read_only = {}"


async def ledger_away(seed: str, rounds: int) -> Tally:
    """PostgreSQL stopped for long under load: every answer is in the ledger in the end."""
    async with world(seed, postgres=True) as here:
        assert here.postgres is not None
        await here.answers(20)
        await here.kill(here.postgres)
        await here.degraded(10)
        await asyncio.sleep(_AWAY_SECONDS * rounds)
        await here.answers(1)
        await here.postgres.start()
        await here.answers(20)
        return await here.verdict()


async def ledger_read_only(seed: str, rounds: int) -> Tally:
    """A PostgreSQL that takes no changes for a while."""
    async with world(seed, postgres=True) as here:
        assert here.postgres is not None
        for _ in range(rounds):
            await here.answers(20)
            here.broke("read-only")
            _read_only(here.postgres, "on")
            await here.degraded(10)
            _read_only(here.postgres, "off")
            await here.answers(20)
        return await here.verdict()


def _read_only(postgres: Postgres, value: str) -> None:
    postgres.execute("SET default_transaction_read_only = off", _READ_ONLY.format(value))
    postgres.execute("SELECT pg_reload_conf()")


async def ledger_locked(seed: str, rounds: int) -> Tally:
    """A SQLite file that somebody else holds for longer than anybody waits."""
    async with world(seed) as here:
        for _ in range(rounds):
            await here.answers(20)
            here.broke("locked")
            with _locked(here.service.data / "ledger.db"):
                await here.degraded(5)
            await here.answers(10)
        return await here.verdict()


@contextmanager
def _locked(ledger: Path) -> Iterator[None]:
    other = sqlite3.connect(ledger, isolation_level=None)
    other.execute("PRAGMA busy_timeout = 5000")
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def ledger_disk_full(seed: str, rounds: int) -> Tally:
    """The disk of the SQLite file is full for a while; the journal's is not."""
    folder = Path("ledger")

    def prepare(here: World) -> None:
        disk = here.folder / folder
        disk.mkdir()
        here.service.child.disk = (disk, _DISK_BYTES)
        here.ledger_inside = disk / "ledger.db"
        here.service.child.environment["SEKISHO_DATABASE_URL"] = f"sqlite:///{here.ledger_inside}"

    async with world(seed, prepare=prepare) as here:
        disk = here.service.child.inside(here.folder / folder)
        for _ in range(rounds):
            await here.answers(20)
            here.broke("disk full")
            filler = _fill(disk)
            await here.degraded(10)
            filler.unlink()
            await here.answers(20)
        return await here.verdict()


async def journal_disk_full(seed: str, rounds: int) -> Tally:
    """The journal's disk is full while the ledger is locked: no answer without a record."""

    def prepare(here: World) -> None:
        journal = _journal(here)
        journal.mkdir(parents=True)
        here.service.child.disk = (journal, _DISK_BYTES)

    async with world(seed, prepare=prepare) as here:
        disk = here.service.child.inside(_journal(here))
        for _ in range(rounds):
            await here.answers(20)
            with _locked(here.service.data / "ledger.db"):
                await here.degraded(5)
                here.broke("disk full")
                filler = _fill(disk)
                await asyncio.sleep(1.0)
                filler.unlink()
                await here.degraded(5)
            await here.answers(10)
        return await here.verdict()


def _journal(here: World) -> Path:
    return here.service.data / "journal"


async def every_disk_full(seed: str, rounds: int) -> Tally:
    """The one disk of ledger and journal is full: no answer without a record."""

    def prepare(here: World) -> None:
        here.service.data.mkdir()
        here.service.child.disk = (here.service.data, _DISK_BYTES)
        here.ledger_inside = here.service.data / "ledger.db"

    async with world(seed, prepare=prepare) as here:
        disk = here.service.child.inside(here.service.data)
        for _ in range(rounds):
            await here.answers(20)
            here.broke("disk full")
            filler = _fill(disk)
            await asyncio.sleep(1.0)
            filler.unlink()
            await here.answers(20)
        return await here.verdict()


def _fill(folder: Path) -> Path:
    """Fill a disk to its last byte; return the file that does."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 65_536
        while size:
            try:
                file.write(bytes(size))
            except OSError:
                size //= 2
    return filler


def needs_root() -> str:
    """Return why a scenario with a disk of its own cannot run here; empty where it can."""
    return "" if os.geteuid() == 0 else "a small disk of its own needs root"
