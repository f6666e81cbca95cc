"""A shop's terminal: what it asks of the service."""

import math
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Final, Literal, Self, get_args
from uuid import uuid4

import grpc

from sekisho.client.answers import Answer, Decided
from sekisho.client.attempts import Method, R, ask
from sekisho.client.endpoints import Endpoints
from sekisho.client.failures import ANOTHER_DECISION, NOT_OPEN, Failure
from sekisho.client.follow import follow
from sekisho.client.texts import Language
from sekisho.client.tls import Tls
from sekisho.v1.decision_pb2 import Decision, Evidence
from sekisho.v1.risk_check_pb2 import (
    AssessSimChangeRequest,
    GetDecisionRequest,
    ReportOutcomeRequest,
    SubmitEvidenceRequest,
)
from sekisho.v1.sim_change_pb2 import SimChange

Outcome = Literal["completed", "abandoned", "refused"]

_OUTCOMES: Final = {
    "completed": ReportOutcomeRequest.OUTCOME_COMPLETED,
    "abandoned": ReportOutcomeRequest.OUTCOME_ABANDONED,
    "refused": ReportOutcomeRequest.OUTCOME_REFUSED,
}
_LOOPBACK: Final = re.compile(r"(localhost|\[::1\]|127(\.[0-9]{1,3}){3}):[0-9]{1,5}|unix:.+")


class Terminal:
    """Asks the service, and repeats what failed, with the same request_id and within one deadline.

    Made by `connect`, and open within `async with`. No method raises for a call that failed: it
    returns Unanswered, which is a step-up. Calls may run at the same time.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        credentials: grpc.ChannelCredentials | None,
        language: Language,
        timeout: float,
        shop: str,
        terminal: str,
    ) -> None:
        self._addresses = addresses
        self._credentials = credentials
        self._language: Language = language
        self._metadata = (("accept-language", language),)
        self._timeout = timeout
        self._shop = shop
        self._terminal = terminal
        self._endpoints: Endpoints | None = None

    @classmethod
    def connect(
        cls,
        *addresses: str,
        tls: Tls | None = None,
        language: Language = "ja",
        timeout: float = 3.0,
        shop: str = "",
        terminal: str = "",
    ) -> Self:
        """Return a terminal of the service at `addresses` (HOST:PORT).

        A later address is used where an earlier one does not answer. `language` is that of the
        instructions, `timeout` the seconds that a call takes at the most. Without `tls`, which is
        for loopback only, `shop` and `terminal` say who asks.

        Raises ValueError for arguments that cannot be used, OSError for files of `tls`.
        """
        if not addresses:
            raise ValueError("expected at least one address, HOST:PORT")
        for address in addresses:
            if tls is None and not _LOOPBACK.fullmatch(address):
                raise ValueError(f"{address}: is beyond loopback, which needs TLS")
        if language not in get_args(Language):
            raise ValueError("language: expected ja or en")
        if not 0 < timeout < math.inf:
            raise ValueError("timeout: expected seconds above 0")
        credentials = tls.credentials() if tls else None
        return cls(addresses, credentials, language, timeout, shop, terminal)

    async def __aenter__(self) -> Self:
        self._endpoints = Endpoints(self._addresses, self._credentials)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._endpoints:
            await self._endpoints.close()

    async def assess(self, sim_change: SimChange, *, request_id: str | None = None) -> Answer:
        """Ask whether a SIM change may be made.

        `request_id` is a UUID of the shop's own, to be kept with the change, so that a program
        that starts again can repeat the request; a fresh one where none is given.
        """
        request = AssessSimChangeRequest(
            request_id=request_id or str(uuid4()),
            shop=self._shop,
            terminal=self._terminal,
            sim_change=sim_change,
        )
        told = await self._ask(lambda stub: stub.AssessSimChange, request)
        if isinstance(told, Decision) and told.request_id.lower() != request.request_id.lower():
            told = ANOTHER_DECISION
        return self._answer(told, request.request_id)

    async def submit_evidence(
        self, decision: Decided | str, *evidence: Evidence, request_id: str | None = None
    ) -> Answer:
        """Send what was brought back for the challenges of a step-up."""
        request = SubmitEvidenceRequest(
            name=_name(decision),
            request_id=request_id or str(uuid4()),
            shop=self._shop,
            terminal=self._terminal,
            evidence=evidence,
        )
        told = await self._ask(lambda stub: stub.SubmitEvidence, request)
        return self._answer_on(request.name, told, request.request_id)

    async def report_outcome(
        self, decision: Decided | str, outcome: Outcome, *, request_id: str | None = None
    ) -> Answer:
        """Report what became of a change. It is recorded where the answer is `answered`."""
        request = ReportOutcomeRequest(
            name=_name(decision),
            request_id=request_id or str(uuid4()),
            shop=self._shop,
            terminal=self._terminal,
            outcome=_OUTCOMES[outcome],
        )
        told = await self._ask(lambda stub: stub.ReportOutcome, request)
        return self._answer_on(request.name, told, request.request_id)

    async def get(self, decision: Decided | str) -> Answer:
        """Return a decision as it stands."""
        request = GetDecisionRequest(name=_name(decision))
        told = await self._ask(lambda stub: stub.GetDecision, request)
        return self._answer_on(request.name, told)

    async def watch(
        self, decision: Decided | str, *, timeout: float | None = None
    ) -> AsyncGenerator[Answer, None]:
        """Yield a decision as it stands, then each change, until it is final.

        A connection that breaks is replaced; no standing is lost, none yielded twice. Where there
        is no going on, or `timeout` seconds are over, an Unanswered comes last.
        """
        name = _name(decision)
        if self._endpoints is None:
            yield self._answer(NOT_OPEN)
            return
        standings = follow(self._endpoints, name, self._metadata, self._timeout, timeout)
        async with aclosing(standings):
            async for told in standings:
                yield self._answer(told)

    async def _ask(self, method: Method[R], request: R) -> Decision | Failure:
        if self._endpoints is None:
            return NOT_OPEN
        return await ask(self._endpoints, method, request, self._metadata, self._timeout)

    def _answer_on(self, name: str, told: Decision | Failure, request_id: str = "") -> Answer:
        """Return the answer to a request that named a decision."""
        if isinstance(told, Decision) and told.name.lower() != name.lower():
            told = ANOTHER_DECISION
        return self._answer(told, request_id)

    def _answer(self, told: Decision | Failure, request_id: str = "") -> Answer:
        if isinstance(told, Failure):
            return told.answer(request_id, self._language)
        return Decided(told, self._language)


def _name(decision: Decided | str) -> str:
    return decision if isinstance(decision, str) else decision.name
