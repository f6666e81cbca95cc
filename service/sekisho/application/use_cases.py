"""All use cases together, as transports call them."""

from dataclasses import dataclass

from sekisho.application.assess import Assess
from sekisho.application.lines import Lines
from sekisho.application.read_decision import ReadDecision
from sekisho.application.report_outcome import ReportOutcome
from sekisho.application.review import Review
from sekisho.application.shops import Shops
from sekisho.application.submit_evidence import SubmitEvidence
from sekisho.application.watchlists import Watchlists


@dataclass(frozen=True, slots=True)
class UseCases:
    """One of each."""

    assess: Assess
    submit_evidence: SubmitEvidence
    report_outcome: ReportOutcome
    read_decision: ReadDecision
    lines: Lines
    watchlists: Watchlists
    shops: Shops
    review: Review
