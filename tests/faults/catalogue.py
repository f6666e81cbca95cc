"""Every scenario, and how much of it the sample and the long run do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.scenarios import (
    clocks,
    kills,
    ledgers,
    networks,
    several_caches,
    together,
    workers,
)
from tests.faults.world import Tally

Run = Callable[[str, int], Awaitable[Tally]]


def _anywhere() -> str:
    return ""


@dataclass(frozen=True)
class Scenario:
    """One scenario. `run` takes a seed and how often to break something in one world.

    `sample` is how often in CI, `long` how often in each of `worlds` in the long run. `missing`
    says what it needs and this machine has not; empty where it can run.
    """

    run: Run
    sample: int
    worlds: int
    long: int
    missing: Callable[[], str] = _anywhere

    @property
    def name(self) -> str:
        """Its name."""
        return self.run.__name__

    @property
    def meaning(self) -> str:
        """What it shows, in one line."""
        return (self.run.__doc__ or "").splitlines()[0]


SCENARIOS = (
    Scenario(kills.service_killed, 2, 6, 25),
    Scenario(kills.service_and_its_cache_killed, 2, 3, 20),
    Scenario(kills.cache_killed, 6, 8, 40),
    Scenario(kills.cache_lost, 6, 6, 40),
    Scenario(kills.cache_flushed, 6, 2, 40),
    Scenario(kills.ledger_killed, 4, 6, 25),
    Scenario(kills.everything_killed, 2, 5, 12),
    Scenario(workers.worker_killed, 2, 4, 25),
    Scenario(workers.parent_killed, 1, 2, 10),
    Scenario(workers.workers_relieved, 1, 2, 10),
    Scenario(several_caches.primary_killed, 1, 2, 10),
    Scenario(several_caches.shard_failed_over, 1, 2, 10),
    Scenario(several_caches.shard_lost, 1, 2, 10),
    Scenario(networks.cache_network, 6, 4, 40),
    Scenario(networks.cache_stalled, 1, 2, 8),
    Scenario(networks.ledger_network, 6, 4, 40),
    Scenario(ledgers.ledger_away, 1, 1, 12),
    Scenario(ledgers.ledger_read_only, 2, 2, 15),
    Scenario(ledgers.ledger_locked, 2, 2, 15),
    Scenario(ledgers.ledger_disk_full, 2, 2, 15, ledgers.needs_root),
    Scenario(ledgers.journal_disk_full, 2, 2, 15, ledgers.needs_root),
    Scenario(ledgers.every_disk_full, 2, 2, 15, ledgers.needs_root),
    Scenario(clocks.clock_stepped, 3, 4, 12),
    Scenario(together.two_bodies, 30, 4, 200),
    Scenario(together.one_card, 1, 4, 2),
)
