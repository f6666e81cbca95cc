"""A process of callers that assess: all in a closed loop, or at a rate, whatever comes back.

The plan comes in on standard input as JSON, the outcome goes out the same way.
"""

import asyncio
import random
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import uvloop

from sekisho.v1 import risk_check_pb2
from tests.benchmarks.assess.bodies import bodies
from tests.benchmarks.assess.grpc_wire import GrpcWire
from tests.benchmarks.assess.load import Load, Outcome

MOST_TOGETHER = 20_000
"""Requests made for a closed loop."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one process offers for `seconds`: `rate` calls a second, or `together` at a time.

    Each of the callers is a folder with `client.pem`, `client.key` and `server_ca.pem`, and has a
    connection of its own. They are gateways, or with `terminals` terminals, whose certificates
    name their shop.
    """

    port: int
    callers: list[str]
    terminals: bool = False
    seconds: float
    rate: float = 0.0
    together: int = 0


class Offer(Load):
    """Calls at a time, or at a rate."""

    def __init__(self, plan: Plan, ready: Iterator[bytes]) -> None:
        """Begin now."""
        super().__init__(ready, plan.seconds)
        self.again = not plan.rate
        self.ending = self.again

    def look(self) -> None:
        """End where nothing is under way, and nothing will be."""
        if self.ending:
            super().look()


async def _offer(plan: Plan) -> Outcome:
    # Made beforehand: making them takes the machine that the service needs.
    ready = list(_bodies(plan))
    load = Offer(plan, iter(ready))
    wires = [await _connected(plan.port, Path(caller), load) for caller in plan.callers]
    if plan.rate:
        await _keep_pace(plan, wires)
    else:
        for wire in wires:
            wire.call(plan.together // len(wires))
    load.ending = True
    load.look()
    await load.ended
    return load.outcome


async def _connected(port: int, caller: Path, load: Load) -> GrpcWire:
    context = ssl.create_default_context(cafile=caller / "server_ca.pem")
    context.load_cert_chain(caller / "client.pem", caller / "client.key")
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(
        lambda: GrpcWire(load), "localhost", port, ssl=context, server_hostname="localhost"
    )
    return wire


async def _keep_pace(plan: Plan, wires: Sequence[GrpcWire]) -> None:
    due = time.perf_counter()
    until = due + plan.seconds
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        random.choice(wires).call(1)
        due += random.expovariate(plan.rate)


def _bodies(plan: Plan) -> Iterator[bytes]:
    request = risk_check_pb2.AssessSimChangeRequest()
    most = round(plan.rate * plan.seconds * 1.2) or MOST_TOGETHER
    for body in bodies(random.getrandbits(64), most):
        if plan.terminals:
            request.ParseFromString(body)
            request.ClearField("shop")
            request.ClearField("terminal")
            yield request.SerializeToString()
        else:
            yield body


def main() -> None:
    """Do what standard input says."""
    plan = msgspec.json.decode(sys.stdin.read(), type=Plan)
    print(msgspec.json.encode(uvloop.run(_offer(plan))).decode())


if __name__ == "__main__":
    main()
