"""What the fraud team sees of a decision."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sekisho.application.ports.ledger import Case, DecisionLedger, PolicyShelf
from sekisho.domain import step_up
from sekisho.domain.errors import FailedPreconditionError, NotFoundError


class Review:
    """Cases by decision or by case number. All methods raise LedgerUnavailableError."""

    def __init__(
        self, ledger: DecisionLedger, policies: PolicyShelf, clock: Callable[[], int]
    ) -> None:
        self._ledger = ledger
        self._policies = policies
        self._clock = clock

    async def case(self, decision_id: bytes) -> Case:
        """Return a decision with all that led to it. NotFoundError."""
        case = await self._ledger.case(decision_id)
        return replace(case, standing=step_up.as_of(case.standing, self._clock()).standing)

    async def case_by_number(self, case_number: str) -> Case:
        """Return the case of a number as read over the telephone.

        NotFoundError; FailedPreconditionError where it names several, which is rare and must
        not end in the wrong one.
        """
        found = await self._ledger.decision_ids_of_case(case_number)
        if not found:
            raise NotFoundError("no such case")
        if len(found) > 1:
            message = "this case number names several decisions; ask for the decision's name"
            raise FailedPreconditionError(message, "AMBIGUOUS_CASE_NUMBER")
        return await self.case(found[0])

    async def rule_texts(self, policy_version: str) -> Mapping[str, Mapping[str, str]]:
        """Return each rule's text by language, as it stood in this version of the policy."""
        return await self._policies.rule_texts(policy_version)
