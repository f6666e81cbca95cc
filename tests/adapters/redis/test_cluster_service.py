"""A whole service on a cluster: a shard fails over, and nobody gets an error."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sekisho import keys
from sekisho.domain.velocity import Dimension
from tests.support.service import Whole, forged, whole
from tests.support.valkey_servers import clustered, until


@dataclass
class Forger:
    """Tries one card on one line after the other."""

    running: Whole
    tries: int = 0
    missing: Counter[str] = field(default_factory=Counter)

    async def degraded(self) -> bool:
        """Try once more. What is known is right, and something always is."""
        decision = await self.running.assess(forged(self.tries))
        self.tries += 1
        case = await self.running.case(decision)
        missing = {signal.signal for signal in case.missing_signals}
        self.missing.update(missing)
        facts = await self.running.facts(decision)
        assert facts["velocity.document.lines_7d"] in (None, self.tries)
        known = [facts.get(f"velocity.{dimension}.tries_24h") for dimension in Dimension]
        assert any(value is not None for value in known)
        for role in ("document", "line", "device", "sim", "applicant", "contact"):
            unread = not missing.isdisjoint(("watchlist", f"watchlist.{role}"))
            assert facts.get(f"watchlist.{role}.hits") == (None if unread else 0)
        return decision.degraded

    async def fine(self) -> bool:
        """Try ten times; return whether none was degraded."""
        return not any([await self.degraded() for _ in range(10)])


@pytest.mark.slow
@pytest.mark.destructive
async def test_a_failover_of_one_shard_degrades_for_a_while_and_loses_no_count(
    tmp_path: Path,
) -> None:
    keys.read_or_make(tmp_path)
    async with (
        clustered(tmp_path / "servers") as servers,
        whole(tmp_path, redis_url=servers.url, keys_file=str(tmp_path / "keys.toml")) as running,
    ):
        forger = Forger(running)
        await until(forger.fine)
        forger.missing.clear()

        servers.nodes[0].kill()
        replica = servers.replica_of(servers.nodes[0])
        promoted = asyncio.create_task(until(lambda: replica.says("replication", "role:master")))
        while not promoted.done():
            await forger.degraded()
        await promoted
        await until(forger.fine)
        assert forger.missing
