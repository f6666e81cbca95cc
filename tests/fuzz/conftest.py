"""One service for all that is thrown at it, which must be none the worse for it."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import astuple, dataclass, field
from pathlib import Path

import grpc
import pytest

from tests.support.server import Client
from tests.support.service import ordinary
from tests.support.serving import Served, Usage, serving

MOST_GROWTH_KIB = 64 * 1024
"""Memory that caches and arenas may take between the first test and the last."""

COME_BACK_SECONDS = 30.0

SPARE = 4
"""Descriptors, threads or tasks that the service's own work may have more at some moments."""


@dataclass
class Target:
    """A service, and what it held after each test."""

    served: Served
    after: list[Usage] = field(default_factory=list)

    @property
    def grown(self) -> Usage:
        """What it holds more than after the first test, at the quietest of the last five: what a
        test has just ended is closed a moment later."""
        first = astuple(self.after[0])
        least = map(min, zip(*map(astuple, self.after[-5:]), strict=True))
        return Usage(*(b - a for a, b in zip(first, least, strict=True)))


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A service on embedded defaults, which logs no unexpected error and does not grow."""
    folder: Path = tmp_path_factory.mktemp("fuzzed")
    with serving(folder) as served:
        target = Target(served)
        yield target
        assert served.process.poll() is None
        grown = target.grown
        assert grown.memory_kib < MOST_GROWTH_KIB, target.after
        assert grown.descriptors <= SPARE, target.after
    assert "unexpected_error" not in served.log.read_text(errors="replace")


@pytest.fixture
async def client(target: Target) -> AsyncIterator[Client]:
    """A client with a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target.served.address, options=options) as channel:
        yield Client(channel)


@pytest.fixture(autouse=True)
async def unharmed(target: Target) -> AsyncIterator[None]:
    """After each test the service answers, and holds no more descriptors, threads and tasks."""
    await _answers(target.served)
    before = await target.served.usage()
    yield
    await _answers(target.served)
    until = time.monotonic() + COME_BACK_SECONDS
    while not _as_before(after := await target.served.usage(), before):
        assert time.monotonic() < until, f"{before} became {after}"
        await asyncio.sleep(0.1)
    target.after.append(after)


def _as_before(after: Usage, before: Usage) -> bool:
    return all(
        getattr(after, what) <= getattr(before, what) + SPARE
        for what in ("descriptors", "threads", "tasks")
    )


async def _answers(served: Served) -> None:
    """Assess, again where gRPC cancels while a flood ebbs away, as sekisho.client does."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(served.address, options=options) as channel:
        client, request = Client(channel), ordinary()
        async with asyncio.timeout(COME_BACK_SECONDS):
            while True:
                try:
                    await client.risk_check.AssessSimChange(request, wait_for_ready=True)
                    return
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.CANCELLED:
                        raise
                await asyncio.sleep(0.1)
