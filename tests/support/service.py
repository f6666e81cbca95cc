"""The whole service, as `sekisho serve` runs it, and what a test asks of it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from sekisho import settings
from sekisho.bootstrap import Service, opened
from sekisho.v1 import (
    decision_pb2,
    review_pb2,
    risk_check_pb2,
    sim_change_pb2,
    watchlist_pb2,
)
from tests.support import requests
from tests.support.server import Client

ALLOW = decision_pb2.VERDICT_ALLOW
STEP_UP = decision_pb2.VERDICT_STEP_UP


@dataclass
class Whole:
    """A service with its own Valkey and ledger in a folder, and a client of it."""

    service: Service
    client: Client

    async def assess(self, request: risk_check_pb2.AssessSimChangeRequest) -> decision_pb2.Decision:
        """Assess."""
        return await self.client.risk_check.AssessSimChange(request, timeout=10)

    async def evidence(
        self, decision: decision_pb2.Decision, *evidence: decision_pb2.Evidence, shop: str = "ginza"
    ) -> decision_pb2.Decision:
        """Submit evidence."""
        request = risk_check_pb2.SubmitEvidenceRequest(
            name=decision.name,
            request_id=str(uuid.uuid4()),
            shop=shop,
            terminal="t1",
            evidence=evidence,
        )
        return await self.client.risk_check.SubmitEvidence(request, timeout=10)

    async def outcome(
        self, decision: decision_pb2.Decision, outcome: int, shop: str = "ginza"
    ) -> decision_pb2.Decision:
        """Report what became of it."""
        request = risk_check_pb2.ReportOutcomeRequest(
            name=decision.name,
            request_id=str(uuid.uuid4()),
            shop=shop,
            terminal="t1",
            outcome=outcome,  # type: ignore[arg-type]
        )
        return await self.client.risk_check.ReportOutcome(request, timeout=10)

    async def create_watchlist(self, watchlist_id: str) -> None:
        """Create an empty list."""
        request = watchlist_pb2.CreateWatchlistRequest(
            request_id=str(uuid.uuid4()),
            watchlist_id=watchlist_id,
            watchlist=watchlist_pb2.Watchlist(),
        )
        await self.client.watchlist.CreateWatchlist(request, timeout=10)

    async def case(self, decision: decision_pb2.Decision) -> review_pb2.Case:
        """Return what the fraud team sees."""
        return await self.client.review.GetCase(
            review_pb2.GetCaseRequest(name=decision.name), timeout=10
        )

    async def facts(self, decision: decision_pb2.Decision) -> dict[str, object]:
        """Return the decision's facts by name; unknown ones are None."""
        found: dict[str, object] = {}
        for fact in (await self.case(decision)).facts:
            which = fact.WhichOneof("value")
            found[fact.name] = getattr(fact, which) if which else None
        return found

    async def flush_cache(self) -> None:
        """Empty the cache, as an operator's mistake would."""
        await self.service.cache.command("FLUSHALL", timeout=5)


def opened_with(folder: Path, **given: str) -> AbstractAsyncContextManager[Service]:
    """Open the service in `folder` on a free port; `given` are settings by name."""
    environ = {
        "SEKISHO_DATA_DIR": str(folder),
        "SEKISHO_LISTEN": "localhost:0" if "trust_domain" in given else "127.0.0.1:0",
        **{f"SEKISHO_{name.upper()}": value for name, value in given.items()},
    }
    return opened(settings.load(environ))


@asynccontextmanager
async def whole(folder: Path, **given: str) -> AsyncIterator[Whole]:
    """Run the service in `folder` on a free port; `given` are settings by name."""
    async with (
        opened_with(folder, **given) as service,
        grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel,
    ):
        running = Whole(service, Client(channel))
        await covered(running)
        yield running


async def covered(running: Whole) -> None:
    """Wait until the cache holds all of the ledger."""

    async def complete() -> bool:
        return await running.service.ready()

    await until(complete)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


def ordinary(
    shop: str = "ginza",
    terminal: str = "t1",
    record: bool = True,
    change: sim_change_pb2.SimChange | None = None,
) -> risk_check_pb2.AssessSimChangeRequest:
    """An ordinary request with an id of its own, the line's record sent along."""
    request = requests.assess()
    request.request_id = str(uuid.uuid4())
    request.shop, request.terminal = shop, terminal
    if change is not None:
        request.sim_change.CopyFrom(change)
    if record:
        request.sim_change.line_record.CopyFrom(requests.line_record())
        request.sim_change.line_record.ClearField("pin_change_time")
    return request


def forged(line: int = 0, shop: str = "ginza") -> risk_check_pb2.AssessSimChangeRequest:
    """A licence read by eye only, for the `line`th victim."""
    request = ordinary(shop)
    request.sim_change.msisdn = f"+8190{20_000_000 + line:08}"
    document = request.sim_change.documents[0]
    document.ClearField("chip")
    document.ClearField("captures")
    document.ClearField("face_comparison")
    return request


def chip_read(signature: int = sim_change_pb2.Chip.SIGNATURE_VALID) -> decision_pb2.Evidence:
    """The licence again, its chip read."""
    document = requests.licence()
    document.chip.signature = signature  # type: ignore[assignment]
    return decision_pb2.Evidence(challenge=decision_pb2.CHALLENGE_KIND_READ_CHIP, document=document)


def confirmed(kind: int) -> decision_pb2.Evidence:
    """Somebody confirmed."""
    return decision_pb2.Evidence(
        challenge=kind,  # type: ignore[arg-type]
        result=decision_pb2.Evidence.RESULT_CONFIRMED,
        supervisor="boss-1" if kind == decision_pb2.CHALLENGE_KIND_SUPERVISOR else "",
    )
