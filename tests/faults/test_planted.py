"""The checker is proved first: of each defect planted into a real service it reports the one
promise that the defect breaks."""

import pytest

from tests.faults.world import Tally, world

pytestmark = [pytest.mark.slow, pytest.mark.destructive]


def promises(tally: Tally) -> set[str]:
    """Return what was not kept."""
    return {violation.promise for violation in tally.violations}


async def test_without_a_defect_nothing_is_reported() -> None:
    async with world("planted-nothing") as here:
        await here.answers(150)
        tally = await here.verdict()
    assert tally.violations == []
    assert tally.allows > 10


async def test_a_skipped_fsync_is_reported() -> None:
    async with world("planted-fsync", planted="skipped_fsync") as here:
        await here.answers(50)
        await here.kill(here.service)
        await here.service.start()
        tally = await here.verdict()
    assert "acknowledged and missing" in promises(tally)


async def test_a_double_delivery_is_reported() -> None:
    async with world("planted-double", planted="double_delivery") as here:
        await here.answers(100)
        tally = await here.verdict()
    assert "twice" in promises(tally)


async def test_a_double_event_is_reported() -> None:
    async with world("planted-event", planted="double_event") as here:
        await here.answers(150)
        tally = await here.verdict()
    assert "twice" in promises(tally)


async def test_a_dropped_member_is_reported() -> None:
    async with world("planted-member", planted="dropped_member") as here:
        await here.answers(150)
        tally = await here.verdict()
    assert "a count wrong" in promises(tally)


async def test_a_fact_that_is_clean_by_default_is_reported() -> None:
    async with world("planted-clean", planted="clean_default") as here:
        await here.answers(50)
        assert here.valkey is not None
        await here.kill(here.valkey)
        await here.answers(50)
        await here.valkey.start()
        tally = await here.verdict()
    assert promises(tally) & {"a count too low", "an allow without evidence"}
