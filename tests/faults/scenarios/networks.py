"""Networks and stalled servers between the service and its stores."""

import asyncio
from collections.abc import Sequence

from sekisho.v1 import decision_pb2
from tests.faults.calls import Call, now_ms
from tests.faults.evidence import Violation
from tests.faults.proxy import Fault, Proxy
from tests.faults.world import Tally, World, world

_FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)
_STALL_SECONDS = 2.0
_SETTLED_MS = 300
"""A fault is one for calls that began so long after it."""


async def cache_network(seed: str, rounds: int) -> Tally:
    """Everything that a network does to the connection to Redis."""
    async with world(seed, between=True) as here:
        for _ in range(rounds):
            await _network(here, here.to_cache, b"")
        return await here.verdict()


async def ledger_network(seed: str, rounds: int) -> Tally:
    """Everything that a network does to the connections to PostgreSQL; half of it at a commit."""
    async with world(seed, postgres=True, between=True) as here:
        for _ in range(rounds):
            await _network(here, here.to_ledger, here.chance.choice((b"", b"COMMIT")))
        return await here.verdict()


async def _network(here: World, wire: Proxy, cut_at: bytes) -> None:
    await here.answers(here.chance.randrange(3, 20))
    fault = here.chance.choice(_FAULTS)
    delay = here.chance.choice((0.0, 0.0, 0.02, 0.3))
    here.broke(f"{fault.name} {delay:g}")
    wire.switch(fault, after=here.chance.randrange(200), cut_at=cut_at, delay=delay)
    await asyncio.sleep(here.chance.random() * 1.5)
    wire.switch(Fault.NONE, delay=0.0)


async def cache_stalled(seed: str, rounds: int) -> Tally:
    """A Redis that accepts and never answers: step-ups in time, and a quick recovery."""
    async with world(seed, between=True, redis_budget_ms="50") as here:
        figures: dict[str, list[float]] = {}
        found: list[Violation] = []
        for _ in range(rounds):
            await here.answers(20)
            opened = here.to_cache.connections
            here.broke("stall")
            here.to_cache.switch(Fault.STALL)
            begun = now_ms() + _SETTLED_MS
            await asyncio.sleep(_STALL_SECONDS)
            await here.answers(1)
            ended = now_ms()
            here.to_cache.switch(Fault.NONE)
            await here.until(lambda: known_since(here, ended) is not None, "recovery")  # noqa: B023
            figures.setdefault("recovery ms", []).append((known_since(here, ended) or 0) - ended)
            figures.setdefault("connections", []).append(here.to_cache.connections - opened)
            stalled = [c for c in _answered(here) if begun < c.sent.at and c.ended_at < ended]
            figures.setdefault("stalled ms", []).extend(c.ended_at - c.sent.at for c in stalled)
            found += [
                Violation("an answer without the cache", call.sent.body, str(call.ended))
                for call in stalled
                if call.answered is not None
                and call.answered.decided_at > begun
                and not _degraded(call)
            ]
        tally = await here.verdict()
        tally.figures = figures
        tally.violations += found
        return tally


def _degraded(call: Call) -> bool:
    answer = call.answered
    return answer is not None and answer.degraded and answer.verdict == decision_pb2.VERDICT_STEP_UP


def _answered(here: World) -> Sequence[Call]:
    return [call for call in here.read.calls.values() if call.answered is not None]


def known_since(here: World, moment: float) -> float | None:
    """Return when the first answer after a moment came that is not degraded."""
    ends = [
        call.ended_at
        for call in _answered(here)
        if call.sent.at > moment and call.sent.method == "assess" and not _degraded(call)
    ]
    return min(ends, default=None)
