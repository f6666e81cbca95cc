"""The soak's traffic: the same few lines and shops again and again, by every kind of call."""

import asyncio
import gc
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import grpc

from sekisho.v1 import decision_pb2, risk_check_pb2
from tests.support import requests
from tests.support.server import Client
from tests.support.service import chip_read, forged, ordinary

READ_CHIP = decision_pb2.CHALLENGE_KIND_READ_CHIP
LINES = 60
SHOPS = 10
TERMINALS = 6
"""Callers at a time."""

REST_SECONDS = 0.15
"""Between two calls of one caller."""


class Traffic:
    """Callers that go on whatever comes back. An async context manager, during which they call."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._running = asyncio.Event()
        self._running.set()
        self._busy = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.outcomes: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._call_on()) for _ in range(TERMINALS)]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def warm(self) -> None:
        """Wait until every line has been asked for about twice, so that the cache has its keys."""
        async with asyncio.timeout(300):
            while self.outcomes["OK"] < 4 * LINES:
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Hold all calls back, and wait until none is under way."""
        self._running.clear()
        try:
            async with asyncio.timeout(60):
                while self._busy:
                    await asyncio.sleep(0.05)
            # A closed channel hangs up when it is collected, and calls that failed hold on to it.
            gc.collect()
            yield
        finally:
            self._running.set()

    async def _call_on(self) -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        while True:
            # A new connection now and then, as terminals that come and go.
            async with grpc.aio.insecure_channel(self._address, options=options) as channel:
                for _ in range(random.randrange(5, 60)):
                    await self._running.wait()
                    self._busy += 1
                    try:
                        await self._story(Client(channel))
                    finally:
                        self._busy -= 1
                    await asyncio.sleep(random.uniform(0, 2 * REST_SECONDS))

    async def _story(self, client: Client) -> None:
        stories: Sequence[Callable[[Client], Awaitable[object]]] = (
            *[self._assess] * 6,
            self._bad_input,
            self._record,
            self._impatient,
            self._watch,
        )
        try:
            await random.choice(stories)(client)
            self.outcomes["OK"] += 1
        except grpc.aio.AioRpcError as error:
            self.outcomes[error.code().name] += 1

    async def _assess(self, client: Client) -> None:
        request = self._request()
        decision = await client.risk_check.AssessSimChange(request, timeout=5)
        if random.random() < 0.2:
            await client.risk_check.AssessSimChange(request, timeout=5)
        where = {"name": decision.name, "shop": request.shop, "terminal": request.terminal}
        if READ_CHIP in {challenge.kind for challenge in decision.challenges}:
            evidence = risk_check_pb2.SubmitEvidenceRequest(
                **where, request_id=str(uuid.uuid4()), evidence=[chip_read()]
            )
            decision = await client.risk_check.SubmitEvidence(evidence, timeout=5)
        if random.random() < 0.3:
            outcome = risk_check_pb2.ReportOutcomeRequest(
                **where,
                request_id=str(uuid.uuid4()),
                outcome=risk_check_pb2.ReportOutcomeRequest.OUTCOME_REFUSED,
            )
            await client.risk_check.ReportOutcome(outcome, timeout=5)

    async def _watch(self, client: Client) -> None:
        decision = await client.risk_check.AssessSimChange(self._request(), timeout=5)
        watch = client.risk_check.WatchDecision(
            risk_check_pb2.WatchDecisionRequest(name=decision.name), timeout=5
        )
        read: decision_pb2.Decision = await watch.read()  # type: ignore[assignment]
        assert read.name == decision.name
        watch.cancel()

    async def _bad_input(self, client: Client) -> None:
        request = self._request()
        request.sim_change.documents[0].number = "12"
        await client.risk_check.AssessSimChange(request, timeout=5)

    async def _record(self, client: Client) -> None:
        upsert = requests.upsert()
        upsert.request_id, upsert.msisdn = str(uuid.uuid4()), _line()
        await client.line_event.UpsertLineRecord(upsert, timeout=5)

    async def _impatient(self, client: Client) -> None:
        await client.risk_check.AssessSimChange(self._request(), timeout=0.003)

    def _request(self) -> risk_check_pb2.AssessSimChangeRequest:
        make = random.choice((ordinary, forged))
        request = make(shop=f"shop-{random.randrange(SHOPS)}")
        request.sim_change.msisdn = _line()
        return request


def _line() -> str:
    return f"+8190{10_000_000 + random.randrange(LINES)}"
