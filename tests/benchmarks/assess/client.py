"""A process of terminals that assess in a closed loop.

The plan comes in as a line of JSON; `ready` goes out once its requests are made; with the end of
the input it begins, and the outcome goes out as a line of JSON.
"""

import asyncio
import sys
import time

import msgspec
import uvloop

from tests.benchmarks.assess.bodies import bodies
from tests.benchmarks.assess.grpc_wire import GrpcWire
from tests.benchmarks.assess.load import Load, Outcome, Plan
from tests.benchmarks.assess.web_wire import WebWire, posts


async def carry_out(plan: Plan, ready: list[bytes]) -> Outcome:
    """Do what a plan says with these requests."""
    loop = asyncio.get_running_loop()
    load = Load(iter(ready), plan.seconds)
    wire = WebWire if plan.web else GrpcWire
    connections = [
        (await loop.create_connection(lambda: wire(load), "127.0.0.1", plan.port))[1]
        for _ in range(plan.connections)
    ]
    for connection in connections:
        connection.call(plan.together // plan.connections)
    await load.ended
    return load.outcome


def main() -> None:
    """Do what standard input says."""
    plan = msgspec.json.decode(sys.stdin.readline(), type=Plan)
    made = bodies(plan.seed, plan.bodies)
    ready = list(posts(made) if plan.web else made)
    print("ready", flush=True)
    sys.stdin.read()
    began = time.process_time()
    outcome = uvloop.run(carry_out(plan, ready))
    outcome.cpu = time.process_time() - began
    print(msgspec.json.encode(outcome).decode())


if __name__ == "__main__":
    main()
