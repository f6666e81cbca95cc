"""Take what a shop brought back for a step-up, and assess again under the same decision."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sekisho.application import journaled
from sekisho.application.appraise import Appraise, japan
from sekisho.application.assess import Terms
from sekisho.application.ports.cache import Try
from sekisho.application.ports.change_sealer import ChangeSealer
from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import (
    DecisionLedger,
    KeptIdentifier,
    NewEvent,
    Once,
    OpenDecision,
)
from sekisho.application.ports.telemetry import Telemetry
from sekisho.application.revise import append, event, open_decision
from sekisho.domain import step_up
from sekisho.domain.decision import DecisionState, Standing
from sekisho.domain.errors import FailedPreconditionError
from sekisho.domain.evidence import Evidence
from sekisho.domain.policy import Policy
from sekisho.domain.remaining import remaining
from sekisho.domain.sim_change import Counter
from sekisho.domain.weigh_evidence import weigh_evidence


class SubmitEvidence:
    """It may stay STEP_UP. The try was counted before and counts no second time."""

    def __init__(
        self,
        appraise: Appraise,
        ledger: DecisionLedger,
        journal: Journal,
        sealer: ChangeSealer,
        policy: Callable[[], Policy],
        telemetry: Telemetry,
        clock: Callable[[], int],
        terms: Terms,
        changed: Callable[[], None],
    ) -> None:
        self._appraise = appraise
        self._ledger = ledger
        self._journal = journal
        self._sealer = sealer
        self._policy = policy
        self._telemetry = telemetry
        self._clock = clock
        self._terms = terms
        self._changed = changed

    async def __call__(
        self,
        decision_id: bytes,
        counter: Counter,
        once: Once,
        evidence: tuple[Evidence, ...],
        *,
        timeout: float,
        trace_id: bytes = b"",
    ) -> Standing:
        """Take the evidence, and return where the decision stands after it.

        Raises InvalidArgumentError for evidence that nobody asked for, NotFoundError,
        FailedPreconditionError (STEP_UP_NOT_OPEN), RequestIdReusedError,
        LedgerUnavailableError.
        """
        done = await self._ledger.repeated(once)
        if done is not None:
            return done

        async def make() -> NewEvent:
            return await self._event(decision_id, counter, once, evidence, timeout, trace_id)

        standing = await append(self._ledger, make)
        self._changed()
        return standing

    async def _event(
        self,
        decision_id: bytes,
        counter: Counter,
        once: Once,
        evidence: tuple[Evidence, ...],
        timeout: float,
        trace_id: bytes,
    ) -> NewEvent:
        started = time.perf_counter()
        now = self._clock()
        policy = self._policy()
        decision = await open_decision(self._ledger, self._journal, decision_id, counter.shop)
        standing = step_up.as_of(decision.standing, now).standing
        if standing.state is not DecisionState.STEP_UP_OPEN or decision.sealed_change is None:
            message = f"this decision takes no evidence: it is {standing.state.value}"
            raise FailedPreconditionError(message, "STEP_UP_NOT_OPEN")
        request = self._sealer.open(decision_id, decision.sealed_change)
        change, results = weigh_evidence(
            request.change,
            standing,
            evidence,
            policy.accepted_documents,
            now,
            japan(now).date(),
        )
        answered = step_up.answer(standing, results)
        appraisal = await self._appraise(
            policy,
            change,
            counter,
            standing.request_id,
            now,
            tried_at=decision.attempt.at,
            record=True,
            record_counts=request.record_counts,
            ledger_behind=journaled.answered(self._journal, once)[1],
            timeout=timeout,
            trace_id=trace_id,
        )
        account = appraisal.account
        transition = step_up.settle(
            answered,
            remaining(account.judgement, step_up.satisfied(answered)),
            now=now,
            wait_ms=policy.wait_seconds * 1000,
            expiry_ms=self._terms.expiry_ms,
            reentry_fields=appraisal.reentry_fields,
            attempts_allowed=self._terms.attempts,
            degraded=any(signal.cause.retryable for signal in account.missing),
        )
        summary = ", ".join(f"{kind.value} {state.value}" for kind, state in results.items())
        still_open = transition.standing.state is DecisionState.STEP_UP_OPEN
        self._telemetry.assessed(
            change.kind, transition.standing, account, time.perf_counter() - started
        )
        return replace(
            event(once, "evidence", now, counter.terminal, summary, transition),
            attempt=_with_keys(decision, appraisal.subject.attempt),
            identifiers=_added(decision.identifiers, appraisal.subject.identifiers),
            account=account,
            sealed_change=(
                self._sealer.seal(decision_id, replace(request, change=change))
                if still_open
                else None
            ),
        )


def _with_keys(decision: OpenDecision, attempt: Try) -> Try:
    """The try under all its keys: what was shown first stays counted beside what came later."""
    keys = tuple(dict.fromkeys((*decision.attempt.keys, *attempt.keys)))
    return replace(attempt, keys=keys)


def _added(
    kept: Sequence[KeptIdentifier], now: Sequence[KeptIdentifier]
) -> tuple[KeptIdentifier, ...]:
    known = {(identifier.role, identifier.fingerprint) for identifier in kept}
    return tuple(i for i in now if (i.role, i.fingerprint) not in known)
