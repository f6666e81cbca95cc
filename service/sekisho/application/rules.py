"""The rules of the policy in force, and how near a case came to those that did not fire."""

from collections.abc import Callable, Sequence

from sekisho.application.ports.ledger import Account
from sekisho.domain.policy import Policy
from sekisho.domain.quiet_rules import Conditions, QuietRule, quiet_rules


class Rules:
    """Reads the policy in force; it never waits for a store."""

    def __init__(self, policy: Callable[[], Policy], conditions: Conditions) -> None:
        self._policy = policy
        self._conditions = conditions

    def in_force(self) -> Policy:
        """Return the policy in force."""
        return self._policy()

    def quiet(self, account: Account) -> Sequence[QuietRule]:
        """Return the rules that did not fire in an assessment, the nearest first; none where
        the policy in force is another one by now."""
        return quiet_rules(self._policy(), account.judgement, account.facts, self._conditions)
