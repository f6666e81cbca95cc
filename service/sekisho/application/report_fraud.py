"""Report fraud that came to light later: the customer, a bank or the police say so."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sekisho.application.acts import freed
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.review import Act, CaseSummary, FraudLedger, TrailEntry
from sekisho.domain.decision import Standing, Verdict
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.review import Disposition
from sekisho.domain.velocity import DAY_MS

LOOK_BACK_MS = 30 * DAY_MS
"""How long before a fraud the change was let pass that made it possible."""


class ReportFraud:
    """Raises LedgerUnavailableError, RequestIdReusedError."""

    def __init__(
        self, ledger: FraudLedger, fingerprinter: Fingerprinter, clock: Callable[[], int]
    ) -> None:
        self._ledger = ledger
        self._fingerprinter = fingerprinter
        self._clock = clock

    async def by_decision(
        self, once: Once, actor: str, decision_id: bytes, source: str, note: str
    ) -> Sequence[CaseSummary]:
        """Report a decision. NotFoundError."""
        return await self._report(once, actor, [decision_id], source, note)

    async def by_line(
        self, once: Once, actor: str, msisdn: str, fraud_at: int | None, source: str, note: str
    ) -> Sequence[CaseSummary]:
        """Report the decisions on a line that let a change pass in the 30 days before
        `fraud_at` (Unix ms; now where it is not known)."""
        line = self._fingerprinter.fingerprint("msisdn", msisdn)
        end = self._clock() if fraud_at is None else fraud_at
        found = await self._ledger.passed_on_line(line, end - LOOK_BACK_MS, end)
        return await self._report(once, actor, found, source, note)

    async def _report(
        self, once: Once, actor: str, decision_ids: Sequence[bytes], source: str, note: str
    ) -> Sequence[CaseSummary]:
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            missed = case.missed or case.verdict is Verdict.ALLOW
            found = Disposition.CONFIRMED_FRAUD
            known = replace(freed(case), disposition=found, missed=missed)
            entry = TrailEntry(
                now, actor, "reported", case.decision_id, case.case_number, source, note
            )
            return Act(known, (entry,))

        return await self._ledger.report(once, decision_ids, decide, now)
