"""A service of the tests' own, which answers as it is told, also what no sekisho would."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from sekisho.domain.errors import SekishoError
from sekisho.rpc.errors import refusal
from sekisho.v1.decision_pb2 import Decision, Verdict
from sekisho.v1.risk_check_pb2 import AssessSimChangeRequest
from tests.support import requests

Context = grpc.aio.ServicerContext[bytes, bytes]
Act = Callable[["Call", Context], Awaitable[bytes | None]]
"""Answers a call, and a watch by writing to its context."""


@dataclass(frozen=True)
class Call:
    """A call as it came."""

    method: str
    body: bytes
    metadata: dict[str, str | bytes]
    seconds: float | None
    at: float


@dataclass
class Peer:
    """Answers each call by the next act; the last one stays."""

    address: str = ""
    acts: deque[Act] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    def does(self, *acts: Act) -> None:
        """Answer by these from here on."""
        self.acts = deque(acts)

    @property
    def bodies(self) -> list[bytes]:
        """The requests, as they came."""
        return [call.body for call in self.calls]

    async def called(self, times: int = 1) -> None:
        """Wait until there were that many calls."""
        while len(self.calls) < times:
            self.came.clear()
            await self.came.wait()

    async def serve(self, method: str, body: bytes, context: Context) -> bytes | None:
        """Answer a call."""
        metadata = {str(key): value for key, value in context.invocation_metadata() or ()}
        call = Call(method, body, metadata, context.time_remaining(), time.monotonic())
        self.calls.append(call)
        self.came.set()
        act = self.acts.popleft() if len(self.acts) > 1 else self.acts[0]
        return await act(call, context)


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def service(self, details: Any) -> Any:
        method = details.method.rsplit("/", 1)[-1]

        async def handle(body: bytes, context: Context) -> bytes | None:
            return await self._peer.serve(method, body, context)

        if method == "WatchDecision":
            return grpc.unary_stream_rpc_method_handler(handle)
        return grpc.unary_unary_rpc_method_handler(handle)


@asynccontextmanager
async def peer(address: str = "127.0.0.1:0") -> AsyncIterator[Peer]:
    """Serve on a free port, or on one that was free a moment ago."""
    told = Peer()
    told.does(allows)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([_Handler(told)])
    told.address = f"127.0.0.1:{server.add_insecure_port(address)}"
    await server.start()
    try:
        yield told
    finally:
        await server.stop(None)


def decision(
    verdict: int = Verdict.VERDICT_ALLOW,
    state: int = Decision.STATE_ALLOWED,
    instruction: str = "Go on.",
    name: str = requests.DECISION,
) -> Decision:
    """A decision with any numbers in place of its verdict and its state."""
    made = Decision(name=name, request_id=requests.REQUEST_ID, instruction=instruction)
    made.verdict = Verdict.ValueType(verdict)
    made.state = Decision.State.ValueType(state)
    return made


def open_step_up(instruction: str = "Wait.") -> Decision:
    """A step-up that waits for something."""
    return decision(Verdict.VERDICT_STEP_UP, Decision.STATE_STEP_UP_OPEN, instruction)


def answers(message: Decision) -> Act:
    """Answer with a decision, under the request_id that was asked with."""

    async def act(call: Call, _context: Context) -> bytes:
        made = Decision.FromString(message.SerializeToString())
        if call.method == "AssessSimChange":
            made.request_id = AssessSimChangeRequest.FromString(call.body).request_id
        return made.SerializeToString()

    return act


def says(body: bytes) -> Act:
    """Answer with these bytes."""

    async def act(_call: Call, _context: Context) -> bytes:
        return body

    return act


def fails(code: grpc.StatusCode, *trailing: tuple[str, str | bytes]) -> Act:
    """Fail with a bare status, as what stands between may do."""

    async def act(_call: Call, context: Context) -> bytes:
        await context.abort(code, "of the tests", trailing)

    return act


def refuses(error: SekishoError) -> Act:
    """Fail as sekisho does."""

    async def act(call: Call, context: Context) -> bytes:
        told = refusal(error, call.method)
        await context.abort(told.code, told.message, told.trailing_metadata)

    return act


def sends(*standings: Decision, then: Act) -> Act:
    """Answer a watch with these standings, and go on by another act."""

    async def act(call: Call, context: Context) -> bytes | None:
        for standing in standings:
            await context.write(standing.SerializeToString())
        return await then(call, context)

    return act


async def ends(_call: Call, _context: Context) -> None:
    """End a watch in good order."""


async def stalls(_call: Call, _context: Context) -> bytes:
    """Answer nothing."""
    await asyncio.Event().wait()
    raise AssertionError


allows = answers(decision())
