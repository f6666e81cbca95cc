"""ReviewService: numbers, and the rules in force."""

from sekisho.rpc.call import Call
from sekisho.rpc.convert import times
from sekisho.rpc.convert.figures import figures
from sekisho.rpc.convert.rules import policy_rules
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_base import ReviewBase
from sekisho.v1 import review_figures_pb2

MOST_DAYS = 366
_DAY_MS = 86_400_000


class FigureMethods(ReviewBase):
    """Numbers and rules."""

    async def GetFigures(
        self, request: review_figures_pb2.GetFiguresRequest, call: Call
    ) -> review_figures_pb2.Figures:
        """Return the figures of a range."""
        violations = Violations.of(request)
        start = violations.read("start_time", times.to_ms, request.start_time, 0)
        end = violations.read("end_time", times.to_ms, request.end_time, 0)
        known = "start_time" not in violations and "end_time" not in violations
        if known and not start < end <= start + MOST_DAYS * _DAY_MS:
            violations.add("end_time", "expected after start_time, and a year after it at most")
        violations.refuse()
        return figures(await self._desk.figures(start, end, request.shop))

    async def ListRules(
        self, _request: review_figures_pb2.ListRulesRequest, call: Call
    ) -> review_figures_pb2.ListRulesResponse:
        """List the rules of the policy in force."""
        return policy_rules(self._desk.rules.in_force(), call.language)
