"""Assess a SIM change: appraise it, record the decision, answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_bytes

from sekisho.application.appraise import Appraisal, Appraise
from sekisho.application.ports.change_sealer import ChangeSealer, OpenRequest
from sekisho.application.ports.ledger import DecisionLedger, NewDecision, Once
from sekisho.application.ports.telemetry import Telemetry
from sekisho.domain import case_number, step_up
from sekisho.domain.decision import DecisionState, Standing, StepUp, Verdict
from sekisho.domain.policy import Policy
from sekisho.domain.sim_change import Counter, SimChange


@dataclass(frozen=True, slots=True)
class Terms:
    """How long decisions hold, and how often evidence may be tried."""

    expiry_ms: int = 1_800_000
    attempts: int = 3


class Assess:
    """The act itself. A decision is answered only once it is durable."""

    def __init__(
        self,
        appraise: Appraise,
        ledger: DecisionLedger,
        sealer: ChangeSealer,
        policy: Callable[[], Policy],
        telemetry: Telemetry,
        new_id: Callable[[], bytes],
        clock: Callable[[], int],
        terms: Terms,
        changed: Callable[[], None],
    ) -> None:
        self._appraise = appraise
        self._ledger = ledger
        self._sealer = sealer
        self._policy = policy
        self._telemetry = telemetry
        self._new_id = new_id
        self._clock = clock
        self._terms = terms
        self._changed = changed

    async def __call__(
        self,
        change: SimChange,
        counter: Counter,
        once: Once,
        *,
        record_counts: bool,
        validate_only: bool,
        timeout: float,
        trace_id: bytes = b"",
    ) -> Standing:
        """Assess `change` and return where its decision stands.

        `record_counts`: the line record in the request comes from the carrier.
        `validate_only` records nothing, neither decision nor try. `timeout` in seconds.
        Raises LedgerUnavailableError, RequestIdReusedError.
        """
        started = time.perf_counter()
        now = self._clock()
        appraisal = await self._appraise(
            change,
            counter,
            once.request_id,
            now,
            tried_at=now,
            record=not validate_only,
            record_counts=record_counts,
            timeout=timeout,
            trace_id=trace_id,
        )
        standing = self._standing(change, counter, once, appraisal, now)
        if validate_only:
            return standing
        open_step_up = standing.state is DecisionState.STEP_UP_OPEN
        recorded = await self._ledger.record(
            NewDecision(
                once=once,
                standing=standing,
                terminal=counter.terminal,
                kind=change.kind,
                cause=change.cause,
                identifiers=appraisal.subject.identifiers,
                attempt=appraisal.subject.attempt,
                account=appraisal.account,
                sealed_change=(
                    self._sealer.seal(standing.decision_id, OpenRequest(change, record_counts))
                    if open_step_up
                    else None
                ),
            )
        )
        if recorded.decision_id != standing.decision_id:
            return step_up.as_of(recorded, now).standing
        if open_step_up:
            self._changed()
        self._telemetry.assessed(
            change.kind, recorded, appraisal.account, time.perf_counter() - started
        )
        return recorded

    def _standing(
        self, change: SimChange, counter: Counter, once: Once, appraisal: Appraisal, now: int
    ) -> Standing:
        judgement = appraisal.account.judgement
        asked = StepUp()
        if judgement.verdict is Verdict.STEP_UP:
            wait_ms = self._policy().wait_seconds * 1000
            asked = step_up.begin(judgement.demands, now, wait_ms, appraisal.reentry_fields)
        return Standing(
            decision_id=self._new_id(),
            request_id=once.request_id,
            shop=counter.shop,
            case_number=case_number.make(token_bytes(8)),
            revision=0,
            verdict=judgement.verdict,
            state=(
                DecisionState.STEP_UP_OPEN
                if judgement.verdict is Verdict.STEP_UP
                else DecisionState.ALLOWED
            ),
            decided_at=now,
            expires_at=step_up.expires_at(asked, now, self._terms.expiry_ms),
            degraded=any(signal.cause.retryable for signal in appraisal.account.missing),
            step_up=asked,
        )
