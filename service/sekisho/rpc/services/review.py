"""ReviewService: what the fraud team sees and does."""

from typing import Final

from sekisho.domain import case_number
from sekisho.rpc.call import Call
from sekisho.rpc.convert import names
from sekisho.rpc.convert.case import case
from sekisho.rpc.convert.case_summary import entry_to_proto
from sekisho.rpc.convert.rules import quiet
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_acts import ActMethods
from sekisho.rpc.services.review_cases import CaseMethods
from sekisho.rpc.services.review_figures import FigureMethods
from sekisho.rpc.services.review_fraud import FraudMethods
from sekisho.rpc.services.review_links import LinkMethods
from sekisho.v1 import review_pb2

MOST_TRAIL: Final = 1_000
"""Entries of a case's trail that are shown with it: the latest ones. ListTrail has all."""


class ReviewService(CaseMethods, ActMethods, LinkMethods, FraudMethods, FigureMethods):
    """Shows decisions with their reasons, and takes what the fraud team makes of them."""

    async def GetAnalyst(
        self, _request: review_pb2.GetAnalystRequest, call: Call
    ) -> review_pb2.Analyst:
        """Tell who the caller is."""
        return review_pb2.Analyst(name=call.identity.name)

    async def GetCase(self, request: review_pb2.GetCaseRequest, call: Call) -> review_pb2.Case:
        """Return a case by its decision's name or its case number."""
        violations = Violations.of(request)
        if "/" in request.name:
            decision_id = violations.read("name", names.decision_id, request.name, b"")
            violations.refuse()
            found = await self._review.case(decision_id)
        else:
            number = violations.read("name", case_number.parse, request.name, "")
            violations.refuse()
            found = await self._review.case_by_number(number)
        texts = await self._review.rule_texts(found.account.judgement.policy_version)
        shown = case(found, texts, call.language, self._attempts)
        decision_id = found.standing.decision_id
        shown.summary.CopyFrom(self._shown(await self._desk.cases.summary(decision_id)))
        trail = await self._desk.trail.of_case(decision_id, MOST_TRAIL)
        shown.trail.extend(map(entry_to_proto, trail))
        shown.quiet_rules.extend(quiet(self._desk.rules.quiet(found.account), call.language))
        return shown
