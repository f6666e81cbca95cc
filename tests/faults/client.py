"""A client process: `python -m tests.faults.client --target HOST:PORT --log FILE …`.

It assesses in a closed loop until its standard input ends, then asks once more for every answer
that it did not get, and ends. What it sends and gets it writes down first (calls.py).
"""

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from sekisho.v1 import decision_pb2, risk_check_pb2_grpc
from tests.faults import calls, traffic
from tests.support.server import refusal

if TYPE_CHECKING:
    # The stubs' types exist for the type checker only.
    Stub = risk_check_pb2_grpc.RiskCheckServiceAsyncStub

_SETTLE_SECONDS = 30.0
_BACKOFF = 0.05
_CHANNEL = (
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    # Connections of its own for each channel: they spread over processes that share a port.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True)
class Plan:
    """What one client process does. `seed` is the world's, `number` is its own among `of`.

    From `epoch` on all processes send the same request every `slot` seconds; `together`: instead
    all their workers begin then.
    """

    target: str
    log: Path
    seed: str
    number: int
    of: int
    workers: int
    think: float
    timeout: float
    repeats: float
    mix: str
    epoch: float
    most: int
    together: bool
    slot: float


class Client:
    """Sends, repeats and writes down."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.over = asyncio.Event()
        self._log = calls.Writer(plan.log)
        self._numbers = itertools.count()
        self._unanswered: dict[str, int] = {}
        self._left = plan.most
        self._channels = [
            grpc.aio.insecure_channel(plan.target, options=_CHANNEL)
            for _ in range(min(plan.workers, 4))
        ]
        self._stubs: list[Stub] = [
            risk_check_pb2_grpc.RiskCheckServiceStub(channel) for channel in self._channels
        ]

    async def close(self) -> None:
        """Close the connections."""
        for channel in self._channels:
            await channel.close()

    async def _call(
        self,
        sent: Callable[[str, float], calls.Sent],
        ask: Callable[["Stub"], Awaitable[object]],
    ) -> tuple[decision_pb2.Decision | None, str]:
        """Make one call; return its decision, or None and its status."""
        number = next(self._numbers)
        call = f"{self.plan.number}-{number}"
        self._log.write(sent(call, calls.now_ms()))
        try:
            decision = await ask(self._stubs[number % len(self._stubs)])
        except grpc.aio.AioRpcError as error:
            self._log.write(
                calls.Ended(call, calls.now_ms(), error.code().name, refusal(error).reason)
            )
            return None, error.code().name
        assert isinstance(decision, decision_pb2.Decision)
        self._log.write(
            calls.Ended(
                call,
                calls.now_ms(),
                calls.OK,
                "",
                decision.name,
                decision.verdict,
                decision.state,
                decision.degraded,
                decision.decide_time.ToMilliseconds(),
            )
        )
        return decision, calls.OK

    async def assess(self, body: str, variant: int = 0) -> tuple[decision_pb2.Decision | None, str]:
        """Assess once."""
        request = traffic.assess(body, variant)

        def sent(call: str, at: float) -> calls.Sent:
            return calls.Sent(
                call, at, traffic.METHOD, request.shop, request.request_id, body, variant
            )

        return await self._call(
            sent,
            lambda stub: stub.AssessSimChange(
                request, timeout=self.plan.timeout, wait_for_ready=True
            ),
        )

    async def answered(self, body: str, variant: int = 0) -> decision_pb2.Decision | None:
        """Assess until there is an answer, as a terminal would; None where it is refused."""
        self._unanswered[body] = variant
        while not self.over.is_set():
            decision, code = await self.assess(body, variant)
            if code not in traffic.AGAIN:
                self._unanswered.pop(body, None)
                return decision
            await asyncio.sleep(_BACKOFF)
        return None

    async def follow(self, body: str, decision: decision_pb2.Decision) -> None:
        """Send evidence for some step-ups, and report the outcome of some others."""
        chance = traffic.seeded("follow", body)
        chosen = chance.random()
        if decision.state == decision_pb2.Decision.STATE_STEP_UP_OPEN:
            if not traffic.asks_for_chip(decision) or chosen > 0.4:
                return
            evidence = traffic.evidence(body, decision.name, valid=chosen < 0.2)
            request_id, method = evidence.request_id, traffic.EVIDENCE

            async def ask(stub: "Stub") -> object:
                return await stub.SubmitEvidence(
                    evidence, timeout=self.plan.timeout, wait_for_ready=True
                )
        elif decision.state == decision_pb2.Decision.STATE_ALLOWED and chosen < 0.15:
            outcome = traffic.outcome(body, decision.name)
            request_id, method = outcome.request_id, traffic.OUTCOME

            async def ask(stub: "Stub") -> object:
                return await stub.ReportOutcome(
                    outcome, timeout=self.plan.timeout, wait_for_ready=True
                )
        else:
            return

        def sent(call: str, at: float) -> calls.Sent:
            shop = traffic.shop_of(body)
            return calls.Sent(call, at, method, shop, request_id, body, 0, decision.name)

        for _ in range(20):
            _, code = await self._call(sent, ask)
            if code not in traffic.AGAIN | {"ABORTED"}:
                return
            await asyncio.sleep(_BACKOFF)

    async def loop(self, worker: int) -> None:
        """One worker: requests of its own, some of them repeated, now or later."""
        plan = self.plan
        words = plan.mix.split(",")
        if plan.together:
            await asyncio.sleep(max(0.0, plan.epoch - time.time()))
        before: list[str] = []
        for count in itertools.count():
            if self.over.is_set() or self._left <= 0:
                return
            self._left -= 1
            chance = traffic.seeded(plan.seed, plan.number, worker, count)
            body = f"{chance.choice(words)}/{plan.seed}-{plan.number}-{worker}-{count}"
            asks: list[Awaitable[object]] = [self.answered(body)]
            if chance.random() < plan.repeats:
                asks.append(self.assess(body))
            first, *_ = await asyncio.gather(*asks)
            if isinstance(first, decision_pb2.Decision):
                await self.follow(body, first)
                before = [*before[-20:], body]
            if before and chance.random() < plan.repeats:
                await self.assess(chance.choice(before))
            await asyncio.sleep(chance.random() * 2 * plan.think)

    async def slots(self) -> None:
        """At fixed moments every process sends the same request; in half of them its own body."""
        plan = self.plan
        for slot in itertools.count():
            wait = plan.epoch + slot * plan.slot - time.time()
            if wait < 0:
                continue
            try:
                async with asyncio.timeout(wait):
                    await self.over.wait()
                return
            except TimeoutError:
                pass
            variant = plan.number % 2 if slot % 2 else 0
            await self.answered(f"fresh/{plan.seed}-slot-{slot}", variant)

    async def settle(self) -> None:
        """Ask once more for what was not answered."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        for body, variant in list(self._unanswered.items()):
            while time.monotonic() < deadline:
                _, code = await self.assess(body, variant)
                if code not in traffic.AGAIN:
                    break
                await asyncio.sleep(_BACKOFF)


async def run(plan: Plan) -> None:
    """Run the plan until standard input ends."""
    client = Client(plan)
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(sys.stdin)
        client.over.set()

    loop.add_reader(sys.stdin, ended)
    work = [client.loop(worker) for worker in range(plan.workers)]
    if plan.of > 1 and not plan.together:
        work.append(client.slots())
    print("client began", flush=True)
    await asyncio.gather(*work)
    await client.over.wait()
    await client.settle()
    await client.close()


def main() -> None:
    """Read the plan and run it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--of", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--think", type=float, default=0.02)
    parser.add_argument("--timeout", type=float, default=2.0)
    parser.add_argument("--repeats", type=float, default=0.1)
    parser.add_argument("--mix", default="fresh,fresh,fresh,line,card,card")
    parser.add_argument("--epoch", type=float, default=0.0)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--together", type=bool, default=False)
    parser.add_argument("--slot", type=float, default=0.25)
    asyncio.run(run(Plan(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
