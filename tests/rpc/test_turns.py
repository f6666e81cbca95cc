"""Who begins when, among calls that were let in."""

import asyncio

import pytest

from sekisho.application.abreast import abreast
from sekisho.rpc import turns
from sekisho.rpc.turns import ENOUGH, QUIET_ROUNDS, Turns


class Calls:
    """Calls that write down when they begin."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.begun: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    def come(self, in_work: int = 2 * ENOUGH) -> asyncio.Task[None]:
        """Let one more call come, with so many in work."""
        self.turns.arrived()
        self.tasks.append(asyncio.create_task(self._begin(len(self.tasks), in_work)))
        return self.tasks[-1]

    async def _begin(self, number: int, in_work: int) -> None:
        await self.turns.wait(in_work)
        self.begun.append(number)

    async def rounds(self, many: int) -> None:
        """Let the event loop go round."""
        for _ in range(many):
            await asyncio.sleep(0)


async def test_enough_calls_begin_together_in_the_order_in_which_they_came() -> None:
    calls = Calls()
    for _ in range(ENOUGH):
        calls.come()
    while not calls.begun:
        await calls.rounds(1)
    assert calls.begun == list(range(ENOUGH))


@pytest.mark.parametrize(("in_work", "enough"), [(100, ENOUGH), (6, 3)])
async def test_calls_wait_for_others_until_half_of_those_in_work_do(
    monkeypatch: pytest.MonkeyPatch, in_work: int, enough: int
) -> None:
    monkeypatch.setattr(turns, "LINGER_SECONDS", 60.0)
    calls = Calls()
    for _ in range(enough - 1):
        calls.come(in_work)
    await calls.rounds(10 * QUIET_ROUNDS)
    assert not calls.begun
    calls.come(in_work)
    await asyncio.gather(*calls.tasks)


async def test_a_call_waits_for_others_only_a_little() -> None:
    calls = Calls()
    async with asyncio.timeout(10):
        await calls.come()
    assert calls.begun == [0]


async def test_nothing_begins_while_more_calls_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_LINGER_SECONDS", 60.0)
    calls = Calls()
    for _ in range(2 * ENOUGH):
        calls.come()
        await calls.rounds(QUIET_ROUNDS // 2)
        assert not calls.begun
    await asyncio.gather(*calls.tasks)
    assert calls.begun == list(range(2 * ENOUGH))


async def test_a_flood_of_arrivals_does_not_keep_work_from_beginning() -> None:
    calls = Calls()
    for _ in range(3):
        calls.come()
    while not calls.begun:
        calls.turns.arrived()
        await calls.rounds(1)
    assert calls.begun == [0, 1, 2]


async def test_calls_that_began_together_finish_each_stage_before_any_goes_on() -> None:
    turns_, stages = Turns(), list[tuple[int, int]]()

    async def call(number: int) -> None:
        await turns_.wait(2 * ENOUGH)
        for stage in range(3):
            stages.append((stage, number))
            await abreast()

    await asyncio.gather(*(call(number) for number in range(ENOUGH)))
    assert stages == [(stage, number) for stage in range(3) for number in range(ENOUGH)]


async def test_a_call_on_its_own_goes_through_its_stages_without_a_stop() -> None:
    order: list[str] = []
    asyncio.get_running_loop().call_soon(order.append, "another")
    await abreast()
    order.append("the call")
    assert order == ["the call"]


async def test_a_call_that_is_gone_before_its_turn_takes_none() -> None:
    calls = Calls()
    gone = [calls.come() for _ in range(3)]
    last = calls.come()
    await calls.rounds(1)
    for call in gone:
        call.cancel()
    await last
    assert calls.begun == [3]


async def test_a_call_that_comes_when_nobody_waits_any_more_begins_too() -> None:
    calls = Calls()
    await calls.come()
    await calls.rounds(QUIET_ROUNDS * 2)
    await calls.come()
    assert calls.begun == [0, 1]


async def test_calls_are_late_when_the_first_of_many_has_waited_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = Calls()
    for _ in range(ENOUGH):
        calls.come()
    await asyncio.sleep(0)
    late = [calls.turns.late]
    monkeypatch.setattr(turns, "MOST_WAIT_SECONDS", -1.0)
    late.append(calls.turns.late)
    await asyncio.gather(*calls.tasks)
    late.append(calls.turns.late)
    assert late == [False, True, False]


async def test_a_few_may_wait_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_WAIT_SECONDS", -1.0)
    calls = Calls()
    for _ in range(ENOUGH - 1):
        calls.come()
    await asyncio.sleep(0)
    assert not calls.turns.late
    await asyncio.gather(*calls.tasks)
