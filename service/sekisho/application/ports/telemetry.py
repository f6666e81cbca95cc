"""Telemetry: what operators see of an assessment. No identifier ever goes in."""

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from sekisho.application.ports.journal import JournalState
from sekisho.application.ports.ledger import Account
from sekisho.domain.decision import Standing
from sekisho.domain.sim_change import ChangeKind


class PolicyReload(StrEnum):
    """What came of a change of the policy file."""

    IN_FORCE = "in_force"
    REFUSED = "refused"


class Telemetry(Protocol):
    """Counts and traces. It never raises, never waits, and costs nothing where it is off."""

    def begin(self, traceparent: str) -> bytes:
        """Begin the span of the assessment that the running task makes.

        `traceparent` is the caller's W3C header, or empty. Returns the trace id (16 bytes);
        empty where the assessment is not traced.
        """

    def assessed(
        self, kind: ChangeKind, standing: Standing, account: Account, seconds: float
    ) -> None:
        """Tell how an assessment ended, and how long it took: once for each durable answer."""

    def end(self) -> None:
        """End the running task's span, whether it was answered or not."""

    def refused(self, reason: str) -> None:
        """Count a call that was not answered, by the reason in its ErrorInfo."""

    def policy_reloaded(self, outcome: PolicyReload) -> None:
        """Count a change of the policy file."""

    def watch_journal(self, state: Callable[[], JournalState]) -> None:
        """Show the journal's state from now on; it is asked in a thread of its own.

        A JournalUnavailableError shows nothing.
        """

    def close(self) -> None:
        """Send what was not sent yet. Waits for it; call it when nothing is served any more."""


class NoTelemetry:
    """Nobody listens."""

    def begin(self, traceparent: str) -> bytes:
        """Trace nothing."""
        return b""

    def assessed(
        self, kind: ChangeKind, standing: Standing, account: Account, seconds: float
    ) -> None:
        """Count nothing."""

    def end(self) -> None:
        """Nothing was begun."""

    def refused(self, reason: str) -> None:
        """Count nothing."""

    def policy_reloaded(self, outcome: PolicyReload) -> None:
        """Count nothing."""

    def watch_journal(self, state: Callable[[], JournalState]) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Nothing is waiting."""
