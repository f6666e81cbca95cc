"""Promise 2: no answer without a record."""

import sqlite3
from pathlib import Path

import grpc
import pytest

from tests.promises.conftest import import_shops
from tests.support.service import Whole, ordinary, whole


async def test_an_answered_decision_is_there_after_a_restart(tmp_path: Path) -> None:
    async with whole(tmp_path) as running:
        await import_shops(running)
        decision = await running.assess(ordinary())
    async with whole(tmp_path) as running:
        case = await running.case(decision)
        assert case.decision.name == decision.name
        assert case.decision.verdict == decision.verdict


async def test_while_the_ledger_cannot_be_written_nothing_is_answered_and_later_it_is(
    service: Whole, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    request = ordinary()
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await service.assess(request)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    decision = await service.assess(request)
    facts = await service.facts(decision)
    assert facts["velocity.line.tries_1h"] == 1
