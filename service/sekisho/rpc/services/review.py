"""ReviewService: what the fraud team sees."""

from sekisho.application.use_cases import UseCases
from sekisho.domain import case_number
from sekisho.rpc.call import Call
from sekisho.rpc.convert import names
from sekisho.rpc.convert.case import case
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import review_pb2


class ReviewService:
    """Shows decisions with their reasons."""

    def __init__(self, use_cases: UseCases, attempts: int) -> None:
        """`attempts` is how often evidence may be tried."""
        self._review = use_cases.review
        self._attempts = attempts

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
        return case(found, texts, call.language, self._attempts)
