"""Follow the policy: a changed one is checked whole, kept in the ledger, then put in force."""

import asyncio
import time

import structlog

from sekisho.application.ports.ledger import PolicyShelf
from sekisho.application.ports.policy import PolicyRefusedError, PolicySource
from sekisho.application.ports.telemetry import PolicyReload, Telemetry
from sekisho.domain.policy import Policy

_log = structlog.get_logger(__name__)


class FollowPolicy:
    """All or nothing: until a new policy is in force, and where it is refused, the last good one
    is. No decision is made by a policy whose texts the ledger could not keep, but for the first
    one, by which a service that starts without the ledger answers STEP_UP.
    """

    def __init__(
        self,
        source: PolicySource | None,
        shelf: PolicyShelf,
        first: Policy,
        telemetry: Telemetry,
    ) -> None:
        """Take the policy to begin with, and its source; None where it cannot change."""
        self._source = source
        self._shelf = shelf
        self._policy = first
        self._next: Policy | None = first
        self._telemetry = telemetry

    def current(self) -> Policy:
        """Return the policy in force."""
        return self._policy

    async def __call__(self) -> None:
        """Look for a change once. Raises LedgerUnavailableError; the next look tries again."""
        if self._source is not None:
            await self._look(self._source)
        if self._next is None:
            return
        policy = self._next
        await self._shelf.keep(policy.version, {rule.code: rule.texts for rule in policy.rules})
        self._next = None
        if policy is not self._policy:
            self._policy = policy
            self._telemetry.policy_reloaded(PolicyReload.IN_FORCE)
            _log.info("policy.in_force", version=policy.version, rules=len(policy.rules))

    async def _look(self, source: PolicySource) -> None:
        began = time.monotonic()
        try:
            found = await asyncio.to_thread(source.changed)
        except PolicyRefusedError as error:
            if self._next is not self._policy:
                # A good one that waits for the ledger is no longer what the operator wants.
                self._next = None
            self._telemetry.policy_reloaded(PolicyReload.REFUSED)
            _log.error("policy.refused", problems=error.problems, in_force=self._policy.version)
            return
        if found is not None:
            _log.info(
                "policy.checked",
                version=found.version,
                seconds=round(time.monotonic() - began, 3),
            )
            self._next = found
