"""Calls that go on while something happens to the servers, and how they ended."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import grpc

from sekisho.client import Decided, Terminal
from sekisho.v1 import risk_check_pb2, risk_check_pb2_grpc
from tests.support.service import ordinary

TIMEOUT_SECONDS = 20.0
RETRYING = (Path(__file__).parents[2] / "proto/service_config.json").read_text()
"""The published service config, by which gRPC itself repeats what did not reach a server."""


class Through(Enum):
    """What the caller uses."""

    BARE = "bare"
    SERVICE_CONFIG = "service config"
    CLIENT = "sekisho.client"


@dataclass
class Load:
    """What became of the calls so far: decisions' names by request_id, and errors by status."""

    answers: dict[str, str] = field(default_factory=dict)
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
    through: Through = Through.SERVICE_CONFIG,
    channels: int = 8,
    pause: float = 0.05,
    calls_each: int | None = None,
) -> AsyncIterator[Load]:
    """Assess over several connections at once until the end, one call after the other on each.

    `calls_each`: after so many a connection is closed and another opened.
    """
    result = Load()
    stop = asyncio.Event()

    async def connect() -> None:
        result.connections += 1
        made = 0
        async with _asking(address, through, result) as assess:
            while not stop.is_set() and made != calls_each:
                await assess()
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


@asynccontextmanager
async def _asking(
    address: str, through: Through, result: Load
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Connect, and give what makes one call and notes how it ended."""
    if through is Through.CLIENT:
        async with Terminal.connect(
            address, timeout=TIMEOUT_SECONDS, shop="ginza", terminal="t1"
        ) as terminal:
            yield lambda: _ask_terminal(terminal, result)
        return
    options: list[tuple[str, object]] = [("grpc.use_local_subchannel_pool", 1)]
    if through is Through.SERVICE_CONFIG:
        options.append(("grpc.service_config", RETRYING))
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        stub: risk_check_pb2_grpc.RiskCheckServiceAsyncStub
        stub = risk_check_pb2_grpc.RiskCheckServiceStub(channel)
        yield lambda: _ask_stub(stub, result)


async def _ask_terminal(terminal: Terminal, result: Load) -> None:
    request: risk_check_pb2.AssessSimChangeRequest = ordinary()
    answer = await terminal.assess(request.sim_change, request_id=request.request_id)
    if isinstance(answer, Decided):
        result.answers[request.request_id] = answer.name
    else:
        result.failed[answer.why.value] += 1


async def _ask_stub(stub: "risk_check_pb2_grpc.RiskCheckServiceAsyncStub", result: Load) -> None:
    request: risk_check_pb2.AssessSimChangeRequest = ordinary()
    try:
        answer = await stub.AssessSimChange(request, timeout=TIMEOUT_SECONDS)
    except grpc.aio.AioRpcError as error:
        result.failed[f"{error.code().name}: {error.details()}"] += 1
    else:
        result.answers[request.request_id] = answer.name
