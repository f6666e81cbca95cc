"""Calls that go on while something happens to the servers, and how they ended."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from sekisho.v1 import decision_pb2, risk_check_pb2, risk_check_pb2_grpc
from tests.support.service import ordinary

RETRYING = (Path(__file__).parents[2] / "proto/service_config.json").read_text()
"""The published service config, by which gRPC itself repeats what did not reach a server."""


@dataclass
class Load:
    """What became of the calls so far: answers by request_id, and errors by status."""

    answers: dict[str, decision_pb2.Decision] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    async def answered(self, more: int) -> None:
        """Wait until so many more calls were answered."""
        wanted = len(self.answers) + more
        async with asyncio.timeout(60):
            while len(self.answers) < wanted:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def load(
    address: str,
    *,
    retrying: bool = True,
    channels: int = 8,
    pause: float = 0.05,
    calls_each: int | None = None,
) -> AsyncIterator[Load]:
    """Assess over several connections at once until the end, one call after the other on each.

    `calls_each`: after so many a connection is closed and another opened.
    """
    options: list[tuple[str, object]] = [("grpc.use_local_subchannel_pool", 1)]
    if retrying:
        options.append(("grpc.service_config", RETRYING))
    result = Load()
    stop = asyncio.Event()

    async def connect() -> None:
        result.connections += 1
        made = 0
        async with grpc.aio.insecure_channel(address, options=options) as channel:
            stub: risk_check_pb2_grpc.RiskCheckServiceAsyncStub
            stub = risk_check_pb2_grpc.RiskCheckServiceStub(channel)
            while not stop.is_set() and made != calls_each:
                await _assess(stub, result)
                made += 1
                await asyncio.sleep(pause)

    async def call() -> None:
        while not stop.is_set():
            await connect()

    async with asyncio.TaskGroup() as together:
        for _ in range(channels):
            together.create_task(call())
        try:
            yield result
        finally:
            stop.set()


async def _assess(stub: "risk_check_pb2_grpc.RiskCheckServiceAsyncStub", result: Load) -> None:
    request: risk_check_pb2.AssessSimChangeRequest = ordinary()
    try:
        answer = await stub.AssessSimChange(request, timeout=20)
    except grpc.aio.AioRpcError as error:
        result.failed[f"{error.code().name}: {error.details()}"] += 1
    else:
        result.answers[request.request_id] = answer
