"""ReviewService: what waits, listed, counted, watched and exported."""

import hashlib
import struct
from collections.abc import AsyncIterator

from sekisho.application.cases import CaseChange, ChangeOf
from sekisho.application.ports.review import CaseOrder, Place
from sekisho.rpc import pages
from sekisho.rpc.call import Call
from sekisho.rpc.convert.case_filter import case_filter, case_order
from sekisho.rpc.convert.case_summary import count_to_proto
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_base import ReviewBase
from sekisho.rpc.services.review_export import export
from sekisho.v1 import review_queue_pb2

_KEY = struct.Struct(">?dqq16s")
"""Where a page ended: escalated, risk, decided and due (Unix ms), decision."""

_KINDS = {
    ChangeOf.APPEARED: review_queue_pb2.CaseChange.KIND_APPEARED,
    ChangeOf.CHANGED: review_queue_pb2.CaseChange.KIND_CHANGED,
    ChangeOf.LEFT: review_queue_pb2.CaseChange.KIND_LEFT,
}


class CaseMethods(ReviewBase):
    """What waits."""

    async def ListCases(
        self, request: review_queue_pb2.ListCasesRequest, call: Call
    ) -> review_queue_pb2.ListCasesResponse:
        """Return a page of cases."""
        violations = Violations.of(request)
        wanted = case_filter(violations, request.filter, call.identity.name, self._clock())
        order = case_order(violations, request.order, wanted)
        page = pages.page(violations, request, _scope(request.filter, order))
        violations.refuse()
        found = await self._desk.cases.page(wanted, order, _place(page.after), page.most)
        shown = page.cut(found)
        return review_queue_pb2.ListCasesResponse(
            cases=[self._shown(each) for each in shown],
            next_page_token=page.next_token(found, _key(shown[-1].place) if shown else b""),
        )

    async def CountCases(
        self, request: review_queue_pb2.CountCasesRequest, call: Call
    ) -> review_queue_pb2.CountCasesResponse:
        """Count what waits in each queue."""
        violations = Violations.of(request)
        wanted = case_filter(violations, request.filter, call.identity.name, self._clock())
        violations.refuse()
        found = await self._desk.cases.counts(wanted)
        return review_queue_pb2.CountCasesResponse(queue_counts=map(count_to_proto, found))

    async def WatchCases(
        self, request: review_queue_pb2.WatchCasesRequest, call: Call
    ) -> AsyncIterator[review_queue_pb2.CaseChange]:
        """Send what happens to the cases of a filter from now on."""
        violations = Violations.of(request)
        wanted = case_filter(violations, request.filter, call.identity.name, self._clock())
        violations.refuse()
        async for change in self._desk.cases.watch(wanted):
            yield self._change(change)

    async def ExportCases(
        self, request: review_queue_pb2.ExportCasesRequest, call: Call
    ) -> AsyncIterator[review_queue_pb2.ExportCasesResponse]:
        """Send all cases of a filter as a file, newest first."""
        violations = Violations.of(request)
        wanted = case_filter(violations, request.filter, call.identity.name, self._clock())
        violations.refuse()
        async for part in export(self._desk, request, wanted, call, self._shown):
            yield review_queue_pb2.ExportCasesResponse(content=part)

    def _change(self, change: CaseChange) -> review_queue_pb2.CaseChange:
        if change.of is None or change.case is None:
            return review_queue_pb2.CaseChange()
        return review_queue_pb2.CaseChange(
            kind=_KINDS[change.of],
            case=self._shown(change.case),
        )


def _scope(wanted: review_queue_pb2.CaseFilter, order: CaseOrder) -> str:
    """Return what a page's token is good for: the same filter in the same order."""
    body = wanted.SerializeToString(deterministic=True)
    return f"cases/{order.value}/{hashlib.sha256(body).hexdigest()}"


def _key(place: Place) -> bytes:
    return _KEY.pack(
        place.escalated, place.risk, place.decided_at, place.due_at or 0, place.decision_id
    )


def _place(key: bytes) -> Place | None:
    return Place(*_KEY.unpack(key)) if len(key) == _KEY.size else None
