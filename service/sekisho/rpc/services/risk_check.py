"""RiskCheckService: what shops call."""

from collections.abc import AsyncIterator, Callable
from typing import Final

from sekisho.application.abreast import abreast
from sekisho.application.ports.telemetry import Telemetry
from sekisho.application.use_cases import UseCases
from sekisho.domain.evidence import Outcome
from sekisho.domain.identity import Role
from sekisho.rpc.call import Call
from sekisho.rpc.convert import enums, names
from sekisho.rpc.convert.counter import counter
from sekisho.rpc.convert.decision import decision
from sekisho.rpc.convert.evidence import evidence
from sekisho.rpc.convert.sim_change import sim_change
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.methods import require_for_assessment
from sekisho.rpc.once import Digest, once
from sekisho.v1 import decision_pb2, risk_check_pb2

_NO_ID: Final = b""


class RiskCheckService:
    """Assesses SIM changes, and takes what follows."""

    def __init__(
        self,
        use_cases: UseCases,
        telemetry: Telemetry,
        digest: Digest,
        clock: Callable[[], int],
        attempts: int,
    ) -> None:
        """`clock` gives Unix milliseconds; `attempts` is how often evidence may be tried."""
        self._use_cases = use_cases
        self._telemetry = telemetry
        self._digest = digest
        self._clock = clock
        self._attempts = attempts

    async def AssessSimChange(
        self, request: risk_check_pb2.AssessSimChangeRequest, call: Call
    ) -> decision_pb2.Decision:
        """Assess a SIM change; the decision is durable before it is answered."""
        identity, validate_only = call.identity, request.validate_only
        require_for_assessment(identity, validate_only=validate_only)
        violations = Violations.of(request)
        await abreast()
        place = counter(violations, request, identity)
        this = once(violations, request, place.shop, self._digest)
        change = sim_change(violations, request.sim_change, self._clock())
        violations.refuse()
        await abreast()
        trace_id = self._telemetry.begin(call.traceparent)
        try:
            standing = await self._use_cases.assess(
                change,
                place,
                this,
                record_counts=Role.GATEWAY in identity.roles,
                validate_only=validate_only,
                timeout=call.seconds_left(),
                trace_id=trace_id,
            )
        finally:
            self._telemetry.end()
        return decision(standing, call.language, self._attempts, recorded=not validate_only)

    async def SubmitEvidence(
        self, request: risk_check_pb2.SubmitEvidenceRequest, call: Call
    ) -> decision_pb2.Decision:
        """Take what the shop brought back, and assess again under the same decision."""
        violations = Violations.of(request)
        place = counter(violations, request, call.identity)
        decision_id = violations.read("name", names.decision_id, request.name, _NO_ID)
        this = once(violations, request, place.shop, self._digest)
        brought = evidence(violations, request.evidence, self._clock())
        violations.refuse()
        trace_id = self._telemetry.begin(call.traceparent)
        try:
            standing = await self._use_cases.submit_evidence(
                decision_id, place, this, brought, timeout=call.seconds_left(), trace_id=trace_id
            )
        finally:
            self._telemetry.end()
        return decision(standing, call.language, self._attempts)

    async def ReportOutcome(
        self, request: risk_check_pb2.ReportOutcomeRequest, call: Call
    ) -> decision_pb2.Decision:
        """Take what became of a change."""
        violations = Violations.of(request)
        place = counter(violations, request, call.identity)
        decision_id = violations.read("name", names.decision_id, request.name, _NO_ID)
        this = once(violations, request, place.shop, self._digest)
        outcome = enums.OUTCOMES.get(request.outcome, Outcome.REFUSED)
        violations.refuse()
        standing = await self._use_cases.report_outcome(decision_id, place, this, outcome)
        return decision(standing, call.language, self._attempts)

    async def GetDecision(
        self, request: risk_check_pb2.GetDecisionRequest, call: Call
    ) -> decision_pb2.Decision:
        """Return a decision as it stands."""
        decision_id, shop = self._named(request, call)
        standing = await self._use_cases.read_decision.get(decision_id, shop)
        return decision(standing, call.language, self._attempts)

    async def WatchDecision(
        self, request: risk_check_pb2.WatchDecisionRequest, call: Call
    ) -> AsyncIterator[decision_pb2.Decision]:
        """Send a decision as it stands, then each change, until it is final."""
        decision_id, shop = self._named(request, call)
        async for standing in self._use_cases.read_decision.watch(decision_id, shop):
            yield decision(standing, call.language, self._attempts)

    def _named(
        self,
        request: risk_check_pb2.GetDecisionRequest | risk_check_pb2.WatchDecisionRequest,
        call: Call,
    ) -> tuple[bytes, str | None]:
        """Return the decision asked for, and the one shop that may see it (None: any)."""
        violations = Violations.of(request)
        decision_id = violations.read("name", names.decision_id, request.name, _NO_ID)
        violations.refuse()
        return decision_id, call.identity.shop or None
