"""Promise 8: a cache can be lost."""

import uuid

from sekisho.v1 import decision_pb2, risk_check_pb2, sim_change_pb2, watchlist_pb2
from tests.support import requests
from tests.support.service import Whole, chip_read, covered, forged, ordinary, until

INVALID = sim_change_pb2.Chip.SIGNATURE_INVALID


async def test_a_flushed_cache_counts_again_what_the_ledger_holds(service: Whole) -> None:
    for line in range(3):
        await service.assess(forged(line, shop=f"shop-{line}"))
    failed = await service.evidence(
        await service.assess(forged(0, shop="shop-4")), chip_read(INVALID), shop="shop-4"
    )
    assert failed.state == decision_pb2.Decision.STATE_STEP_UP_FAILED
    await service.outcome(
        await service.assess(ordinary()),
        risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED,
    )
    upsert = requests.upsert()
    upsert.request_id = str(uuid.uuid4())
    await service.client.line_event.UpsertLineRecord(upsert, timeout=10)
    await service.create_watchlist("stolen")
    entry = watchlist_pb2.WatchlistEntry(
        identifier=watchlist_pb2.Identifier(msisdn="+819012345678"), reason="stolen", source="bank"
    )
    await service.client.watchlist.CreateWatchlistEntry(
        watchlist_pb2.CreateWatchlistEntryRequest(
            request_id=str(uuid.uuid4()), parent="watchlists/stolen", watchlist_entry=entry
        ),
        timeout=10,
    )

    async def known() -> dict[str, object]:
        found: dict[str, object] = {}

        async def all_known() -> bool:
            facts = await service.facts(await service.assess(ordinary(record=False)))
            found.clear()
            found.update(facts)
            return None not in facts.values()

        await until(all_known)
        return found

    before = await known()
    assert before["velocity.document.failures_90d"] == 1
    assert before["velocity.line.completed_90d"] == 1
    assert before["watchlist.line.hits"] == 1
    assert before["line.known"] is True
    await service.flush_cache()
    await covered(service)
    after = await known()
    differing = {
        name: (before[name], after[name]) for name in before if before[name] != after[name]
    }
    for name, (was, now) in differing.items():
        # Asking again is counted, and time goes on; nothing else may have changed.
        grown = (".tries_", ".step_ups_", "open_step_ups", "seconds_since")
        assert any(part in name for part in grown), differing
        assert isinstance(was, int)
        assert isinstance(now, int)
        assert now > was, name
