"""Who begins when, among calls that were let in."""

import asyncio

import pytest

from sekisho.rpc import turns
from sekisho.rpc.turns import FEW, MOST_ARRIVALS, QUIET_ROUNDS, Turns


class Calls:
    """Calls that write down when they begin."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.begun: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    def come(self) -> asyncio.Task[None]:
        """Let one more call come."""
        self.turns.arrived()
        self.tasks.append(asyncio.create_task(self._begin(len(self.tasks))))
        return self.tasks[-1]

    async def _begin(self, number: int) -> None:
        await self.turns.wait()
        self.begun.append(number)

    async def rounds(self, many: int) -> None:
        """Let the event loop go round."""
        for _ in range(many):
            await asyncio.sleep(0)


async def test_calls_begin_one_by_one_in_the_order_in_which_they_came() -> None:
    calls = Calls()
    for _ in range(4):
        calls.come()
    seen = [0]
    while len(calls.begun) < 4:
        await calls.rounds(1)
        assert len(calls.begun) - seen[-1] <= 1
        seen.append(len(calls.begun))
    assert calls.begun == [0, 1, 2, 3]


async def test_nothing_begins_while_more_calls_come() -> None:
    calls = Calls()
    for _ in range(MOST_ARRIVALS - 1):
        calls.come()
        await calls.rounds(QUIET_ROUNDS // 2)
        assert not calls.begun
    await calls.rounds(QUIET_ROUNDS * 2)
    assert calls.begun


async def test_a_flood_of_arrivals_does_not_keep_work_from_beginning() -> None:
    calls = Calls()
    for _ in range(3):
        calls.come()
    for _ in range(4 * MOST_ARRIVALS):
        calls.turns.arrived()
        await calls.rounds(1)
    assert calls.begun == [0, 1, 2]


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
    for _ in range(FEW):
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
    for _ in range(FEW - 1):
        calls.come()
    await asyncio.sleep(0)
    assert not calls.turns.late
    await asyncio.gather(*calls.tasks)
