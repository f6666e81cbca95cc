"""Report what became of a SIM change."""

from collections.abc import Callable

from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import DecisionLedger, NewEvent, Once
from sekisho.application.revise import append, event, open_decision
from sekisho.domain import step_up
from sekisho.domain.decision import Standing
from sekisho.domain.evidence import Outcome
from sekisho.domain.sim_change import Counter
from sekisho.domain.step_up import Transition


class ReportOutcome:
    """Completed, abandoned or refused: kept with the decision, and counted."""

    def __init__(
        self,
        ledger: DecisionLedger,
        journal: Journal,
        clock: Callable[[], int],
        changed: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._changed = changed

    async def __call__(
        self, decision_id: bytes, counter: Counter, once: Once, outcome: Outcome
    ) -> Standing:
        """Take the outcome, and return where the decision stands.

        Raises NotFoundError, FailedPreconditionError (OUTCOME_KNOWN), RequestIdReusedError,
        LedgerUnavailableError.
        """
        done = await self._ledger.repeated(once)
        if done is not None:
            return done

        async def make() -> NewEvent:
            now = self._clock()
            decision = await open_decision(self._ledger, self._journal, decision_id, counter.shop)
            timed = step_up.as_of(decision.standing, now)
            ended = step_up.take_outcome(timed.standing, outcome)
            # An expiry that nobody recorded yet counts with the outcome.
            both = Transition(ended.standing, tuple(dict.fromkeys((*timed.marks, *ended.marks))))
            summary = f"{outcome.value}{', an override' if ended.standing.override else ''}"
            return event(once, "outcome", now, counter.terminal, summary, both)

        standing = await append(self._ledger, make)
        self._changed()
        return standing
