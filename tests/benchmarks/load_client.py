"""A process of terminals that assess: all in a closed loop, or at a rate, whatever comes back.

The plan comes in on standard input as JSON, the outcome goes out the same way.
"""

import asyncio
import json
import os
import random
import sys
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import grpc
import uvloop

from sekisho.v1 import risk_check_pb2
from tests.support import certificates, requests
from tests.support.certificates import Pair

METHOD = "/sekisho.v1.RiskCheckService/AssessSimChange"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process offers for `seconds`: `rate` calls a second, or `together` at a time.

    Each of the terminals is a folder with `client.pem` and `client.key`, and a connection of its
    own. `timeout` is each call's deadline in seconds.
    """

    port: int
    ca: str
    terminals: list[str]
    seconds: float
    rate: float = 0.0
    together: int = 0
    timeout: float = 2.0


@dataclass(slots=True)
class Outcome:
    """What came back: calls by status, and the seconds of those answered and those refused."""

    offered: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)

    def came_back(self, status: str, seconds: float) -> None:
        """Take how a call ended, and after how long."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        (self.answered if status == "OK" else self.refused).append(seconds)


class Terminals:
    """Terminals that make requests of their own."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._outcome = Outcome()
        ca = Path(plan.ca).read_bytes()
        self._channels = [
            certificates.channel(
                plan.port,
                ca,
                Pair((Path(t) / "client.pem").read_bytes(), (Path(t) / "client.key").read_bytes()),
            )
            for t in plan.terminals
        ]
        self._calls: list[Any] = [channel.unary_unary(METHOD) for channel in self._channels]
        self._request = requests.assess()
        self._request.ClearField("shop")
        self._request.ClearField("terminal")

    async def offer(self) -> Outcome:
        """Carry the plan out."""
        await asyncio.gather(*(channel.channel_ready() for channel in self._channels))
        until = time.perf_counter() + self._plan.seconds
        if self._plan.together:
            await asyncio.gather(*(self._repeat(n, until) for n in range(self._plan.together)))
        else:
            await self._keep_pace(until)
        await asyncio.gather(*(channel.close() for channel in self._channels))
        return self._outcome

    async def _repeat(self, number: int, until: float) -> None:
        while time.perf_counter() < until:
            await self._assess(number)

    async def _keep_pace(self, until: float) -> None:
        under_way: set[asyncio.Task[None]] = set()
        number, due = 0, time.perf_counter()
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            task = asyncio.create_task(self._assess(number))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
            due += random.expovariate(self._plan.rate)
        await asyncio.gather(*under_way)

    async def _assess(self, number: int) -> None:
        call = self._calls[number % len(self._calls)]
        body = self._body()
        self._outcome.offered += 1
        began = time.perf_counter()
        try:
            await call(body, timeout=self._plan.timeout)
            status = "OK"
        except grpc.aio.AioRpcError as error:
            status = error.code().name
        self._outcome.came_back(status, time.perf_counter() - began)

    def _body(self) -> bytes:
        request = risk_check_pb2.AssessSimChangeRequest()
        request.CopyFrom(self._request)
        request.request_id = str(uuid.uuid4())
        request.sim_change.msisdn = f"+8190{random.randrange(10**7, 10**8)}"
        request.sim_change.clerk = f"clerk-{random.randrange(200)}"
        return request.SerializeToString()


def main() -> None:
    """Do what standard input says."""

    async def carry_out(plan: Plan) -> Outcome:
        return await Terminals(plan).offer()

    outcome = asdict(uvloop.run(carry_out(Plan(**json.load(sys.stdin)))))
    # Something in the loop leaves the pipe non-blocking: what it does not hold at once is lost.
    os.set_blocking(sys.stdout.fileno(), True)
    print(json.dumps(outcome))


if __name__ == "__main__":
    main()
