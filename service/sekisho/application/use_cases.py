"""All use cases together, as transports call them."""

from sekisho.application.acts import Acts
from sekisho.application.assess import Assess
from sekisho.application.block_identifiers import BlockIdentifiers
from sekisho.application.cases import Cases
from sekisho.application.figures import ReadFigures
from sekisho.application.groups import Groups
from sekisho.application.lines import Lines
from sekisho.application.links import FollowLinks
from sekisho.application.read_decision import ReadDecision
from sekisho.application.report_fraud import ReportFraud
from sekisho.application.report_outcome import ReportOutcome
from sekisho.application.review import Review
from sekisho.application.rules import Rules
from sekisho.application.shops import Shops
from sekisho.application.submit_evidence import SubmitEvidence
from sekisho.application.trail import Trail
from sekisho.application.watchlists import Watchlists
from sekisho.domain.value import value


@value
class DeskUseCases:
    """One of each of the fraud team's."""

    cases: Cases
    acts: Acts
    trail: Trail
    links: FollowLinks
    groups: Groups
    block_identifiers: BlockIdentifiers
    report_fraud: ReportFraud
    figures: ReadFigures
    rules: Rules


@value
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
    desk: DeskUseCases
