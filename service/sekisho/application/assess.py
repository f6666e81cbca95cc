"""Assess a SIM change: appraise it, record the decision, answer."""

import time
from collections.abc import Callable
from functools import partial

from sekisho.application import journaled
from sekisho.application.appraise import Appraisal, Appraise
from sekisho.application.ports.cache import Cache
from sekisho.application.ports.change_sealer import ChangeSealer, OpenRequest
from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import DecisionLedger, NewDecision, Once
from sekisho.application.ports.telemetry import Telemetry
from sekisho.application.readiness import Readiness
from sekisho.domain import case_number, step_up
from sekisho.domain.decision import DecisionState, Standing, StepUp, Verdict
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError
from sekisho.domain.policy import Policy
from sekisho.domain.sim_change import Counter, SimChange
from sekisho.domain.value import value

_SHARE = 0.7
"""Of the time left, what the ledger may take: the journal needs some too."""


@value
class Terms:
    """How long decisions hold, how often evidence may be tried, and the longest waits for the
    stores."""

    expiry_ms: int = 1_800_000
    attempts: int = 3
    ledger_seconds: float = 1.0
    cache_seconds: float = 0.05


class Assess:
    """The act itself. A decision is answered only once it is durable: in the ledger, or while
    that is away in the journal, and then as a step-up."""

    def __init__(
        self,
        appraise: Appraise,
        ledger: DecisionLedger,
        journal: Journal,
        readiness: Readiness,
        cache: Cache,
        sealer: ChangeSealer,
        policy: Callable[[], Policy],
        telemetry: Telemetry,
        decision_id: Callable[[str, str], tuple[bytes, bytes]],
        clock: Callable[[], int],
        terms: Terms,
        changed: Callable[[], None],
    ) -> None:
        """`decision_id` makes a decision's id, and the bytes of its case number, of shop and
        request_id; `clock` gives Unix ms; `changed` is told of new open step-ups."""
        self._appraise = appraise
        self._ledger = ledger
        self._journal = journal
        self._readiness = readiness
        self._cache = cache
        self._sealer = sealer
        self._policy = policy
        self._telemetry = telemetry
        self._decision_id = decision_id
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
        Raises LedgerUncertainError, JournalUnavailableError, RequestIdReusedError.
        """
        started = time.perf_counter()
        now = self._clock()
        # One and the same for the whole request, also where another comes into force meanwhile.
        policy = self._policy()
        lying, ledger_behind = journaled.answered(self._journal, once)
        if lying is not None and not validate_only:
            return step_up.as_of(lying, now).standing
        appraisal = await self._appraise(
            policy,
            change,
            counter,
            once.request_id,
            now,
            tried_at=now,
            record=not validate_only,
            record_counts=record_counts,
            ledger_behind=ledger_behind,
            timeout=timeout,
            trace_id=trace_id,
        )
        if appraisal.journaled:
            # Another host answered a step-up, which its journal has not delivered yet; where it
            # has, the ledger returns that decision.
            appraisal = appraisal.without_ledger()
        make = partial(self._decision, policy, change, counter, once, record_counts, now)
        decision = make(appraisal)
        if validate_only:
            return decision.standing
        left = timeout - (time.perf_counter() - started)
        try:
            recorded = await self._ledger.record(
                decision, min(self._terms.ledger_seconds, _SHARE * left)
            )
        except LedgerUncertainError:
            # It may be there: only a repeat finds out.
            raise
        except LedgerUnavailableError:
            self._readiness.ledger(written=False)
            appraisal = appraisal.without_ledger()
            decision = make(appraisal)
            recorded = await self._journal.append(decision)
            attempt = decision.attempt
            await self._cache.note_journaled(
                appraisal.subject.line, attempt.try_id, self._terms.cache_seconds
            )
        else:
            self._readiness.ledger(written=True)
            # The commit may have taken longer than the cache waited for it.
            self._cache.recorded(appraisal.uncounted)
        if recorded != decision.standing:
            return step_up.as_of(recorded, now).standing
        if decision.sealed_change is not None:
            self._changed()
        self._telemetry.assessed(
            change.kind, recorded, appraisal.account, time.perf_counter() - started
        )
        return recorded

    def _decision(
        self,
        policy: Policy,
        change: SimChange,
        counter: Counter,
        once: Once,
        record_counts: bool,
        now: int,
        appraisal: Appraisal,
    ) -> NewDecision:
        standing = self._standing(policy, counter, once, appraisal, now)
        open_request = OpenRequest(change, record_counts)
        return NewDecision(
            once=once,
            standing=standing,
            terminal=counter.terminal,
            kind=change.kind,
            cause=change.cause,
            identifiers=appraisal.subject.identifiers,
            attempt=appraisal.subject.attempt,
            account=appraisal.account,
            sealed_change=(
                self._sealer.seal(standing.decision_id, open_request)
                if standing.state is DecisionState.STEP_UP_OPEN
                else None
            ),
        )

    def _standing(
        self, policy: Policy, counter: Counter, once: Once, appraisal: Appraisal, now: int
    ) -> Standing:
        judgement = appraisal.account.judgement
        asked = StepUp()
        if judgement.verdict is Verdict.STEP_UP:
            wait_ms = policy.wait_seconds * 1000
            asked = step_up.begin(judgement.demands, now, wait_ms, appraisal.reentry_fields)
        decision_id, case = self._decision_id(counter.shop, once.request_id)
        return Standing(
            decision_id=decision_id,
            request_id=once.request_id,
            shop=counter.shop,
            case_number=case_number.make(case),
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
