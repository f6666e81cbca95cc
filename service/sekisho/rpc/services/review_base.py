"""ReviewService: what its parts share."""

from collections.abc import Callable

from sekisho.application.ports.ledger import Once
from sekisho.application.ports.review import CaseSummary
from sekisho.application.use_cases import UseCases
from sekisho.rpc.call import Call
from sekisho.rpc.convert import case_summary
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.once import Digest, Repeatable, once
from sekisho.v1 import review_queue_pb2

NO_ID = bytes(16)


class ReviewBase:
    """The use cases behind a part of the service."""

    def __init__(
        self, use_cases: UseCases, digest: Digest, clock: Callable[[], int], attempts: int
    ) -> None:
        """`attempts` is how often evidence may be tried; `clock` gives Unix ms."""
        self._desk = use_cases.desk
        self._review = use_cases.review
        self._keyed = digest
        self._clock = clock
        self._attempts = attempts

    def _once(self, violations: Violations, request: Repeatable, call: Call) -> Once:
        """Return what tells a repeat of this request from another one, and from one of another
        method: the acts' messages are alike to the byte."""
        name = type(request).__name__.encode()
        return once(
            violations, request, call.identity.name, lambda body: self._keyed(name + b"\0" + body)
        )

    def _shown(self, case: CaseSummary) -> review_queue_pb2.CaseSummary:
        return case_summary.to_proto(case, self._clock())
