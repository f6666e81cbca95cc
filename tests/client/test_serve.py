"""Real services that stop, die and start again, with calls in flight."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf import json_format

from sekisho.cli.server_process import running
from sekisho.client import Decided, Terminal, Unanswered
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.risk_check_pb2 import AssessSimChangeRequest
from sekisho.v1.sim_change_pb2 import SimChange
from tests.cli import live
from tests.client.test_service_config import configured

pytestmark = [pytest.mark.slow, pytest.mark.destructive, pytest.mark.timeout(240)]

AT_ONCE = 8
SIGNALS = [signal.SIGTERM, signal.SIGKILL]


class Service:
    """`sekisho serve` on one folder and one port, as often as it takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.address = "127.0.0.1:0"

    async def start(self) -> None:
        """Start, and wait until it serves."""
        self._running = await asyncio.to_thread(
            self._stack.enter_context, running(self._folder, self.address)
        )
        self.address = self._running.address

    async def end(self, by: signal.Signals) -> None:
        """End it by a signal, and wait until it is gone."""
        self._running.process.send_signal(by)
        await asyncio.to_thread(self._running.process.wait)

    async def stop(self) -> None:
        """End what still runs."""
        await asyncio.to_thread(self._stack.close)


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Service]:
    """Serve on data of its own."""
    folder.mkdir()
    service = Service(folder)
    try:
        await service.start()
        yield service
    finally:
        await service.stop()


def change(asked: dict[str, Any]) -> SimChange:
    return json_format.ParseDict(asked, AssessSimChangeRequest()).sim_change


def terminal(*services: Service) -> Terminal:
    addresses = [each.address for each in services]
    return Terminal.connect(*addresses, timeout=60, shop=live.SHOP, terminal="t1", language="en")


@dataclass
class Load:
    """Calls in flight all the time, each with a change of its own, until told to stop."""

    ask: Callable[[SimChange, str], Awaitable[object]]
    asked: dict[str, SimChange] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: bool = False

    async def answered(self, more: int) -> None:
        """Wait for so many answers more."""
        wanted = len(self.answers) + more
        while len(self.answers) < wanted:
            self.came.clear()
            await self.came.wait()

    async def _keep_asking(self) -> None:
        while not self.stopping:
            request_id, sim_change = str(uuid4()), change(live.ordinary())
            self.asked[request_id] = sim_change
            self.answers[request_id] = await self.ask(sim_change, request_id)
            self.came.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask while the block runs, and see every call answered."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._keep_asking())
            yield
            self.stopping = True


def load_of(asking: Terminal) -> Load:
    return Load(lambda sim_change, request_id: asking.assess(sim_change, request_id=request_id))


@pytest.mark.parametrize("by", SIGNALS)
async def test_no_call_fails_while_the_only_service_starts_again(
    tmp_path: Path, by: signal.Signals
) -> None:
    async with serving(tmp_path / "one") as service, terminal(service) as asking:
        load = load_of(asking)
        async with load.running():
            await load.answered(20)
            await service.end(by)
            await service.start()
            await load.answered(20)
        for request_id, answer in load.answers.items():
            assert isinstance(answer, Decided), answer
            again = await asking.assess(load.asked[request_id], request_id=request_id)
            assert isinstance(again, Decided)
            assert again.name == answer.name


@pytest.mark.parametrize("by", SIGNALS)
async def test_no_call_fails_while_one_of_two_services_is_gone(
    tmp_path: Path, by: signal.Signals
) -> None:
    async with (
        serving(tmp_path / "one") as one,
        serving(tmp_path / "two") as two,
        terminal(one, two) as asking,
    ):
        load = load_of(asking)
        async with load.running():
            await load.answered(20)
            await one.end(by)
            await load.answered(20)
            await one.start()
            await load.answered(20)
            await two.end(by)
            await load.answered(20)
    assert all(isinstance(answer, Decided) for answer in load.answers.values())


@pytest.mark.parametrize("by", SIGNALS)
async def test_no_call_fails_through_the_service_config_while_one_of_two_services_is_gone(
    tmp_path: Path, by: signal.Signals
) -> None:
    async with (
        serving(tmp_path / "one") as one,
        serving(tmp_path / "two") as two,
        configured(f"ipv4:{one.address},{two.address}") as client,
    ):

        async def ask(sim_change: SimChange, request_id: str) -> Decision:
            request = AssessSimChangeRequest(
                request_id=request_id, shop=live.SHOP, terminal="t1", sim_change=sim_change
            )
            return await client.risk_check.AssessSimChange(request)

        load = Load(ask)
        async with load.running():
            await load.answered(20)
            await one.end(by)
            await load.answered(20)
            await one.start()
            await two.end(by)
            await load.answered(20)
    assert all(isinstance(answer, Decision) for answer in load.answers.values())


@pytest.mark.parametrize("by", SIGNALS)
async def test_a_watch_outlives_its_service(tmp_path: Path, by: signal.Signals) -> None:
    async with serving(tmp_path / "one") as service, terminal(service) as asking:
        answer = await asking.assess(change(live.forged()))
        assert isinstance(answer, Decided)
        assert answer.step_up
        standings = asking.watch(answer, timeout=120)
        first = await anext(standings)
        assert first == answer
        later = asyncio.ensure_future(anext(standings))
        await service.end(by)
        await service.start()
        assert (await asking.report_outcome(answer, "abandoned")).answered
        last = await later
        assert isinstance(last, Decided)
        assert last.decision.state == Decision.STATE_ABANDONED
        assert [each async for each in standings] == []


async def test_an_ordinary_change_is_allowed_and_completed(tmp_path: Path) -> None:
    async with serving(tmp_path / "one") as service, terminal(service) as asking:
        answer = await asking.assess(change(live.ordinary()))
        assert isinstance(answer, Decided)
        assert answer.allowed, answer
        done = await asking.report_outcome(answer, "completed")
        assert isinstance(done, Decided)
        assert done.decision.state == Decision.STATE_COMPLETED
        assert (await asking.get(answer)) == done
        assert [each async for each in asking.watch(answer)] == [done]
        wrong = change(live.ordinary())
        wrong.msisdn = "12"
        refused = await asking.assess(wrong)
        assert isinstance(refused, Unanswered)
        assert [each.field for each in refused.fields] == ["sim_change.msisdn"]
