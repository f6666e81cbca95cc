"""ReviewService: what an analyst does to a case, and the trail of it."""

from collections.abc import Awaitable

from sekisho.application.acts import Asked
from sekisho.application.ports.review import CaseSummary, TrailFilter
from sekisho.domain.decision import ChallengeKind
from sekisho.domain.review import Disposition
from sekisho.rpc import pages
from sekisho.rpc.call import Call
from sekisho.rpc.convert import case_summary, enums, names, times
from sekisho.rpc.convert.case_filter import case_filter
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_base import NO_ID, ReviewBase
from sekisho.v1 import review_act_pb2, review_queue_pb2

_PLACE_BYTES = 8


AboutCase = (
    review_act_pb2.ClaimCaseRequest
    | review_act_pb2.ReleaseCaseRequest
    | review_act_pb2.ReassignCaseRequest
    | review_act_pb2.ApproveCaseRequest
    | review_act_pb2.DeclineCaseRequest
    | review_act_pb2.DemandChallengeRequest
    | review_act_pb2.EscalateCaseRequest
    | review_act_pb2.AddNoteRequest
    | review_act_pb2.SetDispositionRequest
)


class ActMethods(ReviewBase):
    """What an analyst does to a case."""

    async def TakeNextCase(
        self, request: review_act_pb2.TakeNextCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Claim what is to be reviewed next."""
        violations = Violations.of(request)
        this = self._once(violations, request, call)
        wanted = case_filter(violations, request.filter, call.identity.name, self._clock())
        violations.refuse()
        return await self._done(self._desk.acts.take_next(this, call.identity.name, wanted))

    async def ClaimCase(
        self, request: review_act_pb2.ClaimCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Claim a case, or prolong the own claim."""
        asked = self._asked(request, call)
        return await self._done(self._desk.acts.claim(asked))

    async def ReleaseCase(
        self, request: review_act_pb2.ReleaseCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Give a claim back."""
        asked = self._asked(request, call)
        return await self._done(self._desk.acts.release(asked))

    async def ReassignCase(
        self, request: review_act_pb2.ReassignCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Hand a case to another analyst."""
        violations = Violations.of(request)
        assignee = violations.read("assignee", names.analyst, request.assignee, "")
        asked = self._asked(request, call, request.note, violations)
        return await self._done(self._desk.acts.reassign(asked, assignee))

    async def ApproveCase(
        self, request: review_act_pb2.ApproveCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Let an open step-up pass."""
        asked = self._asked(request, call, request.note)
        return await self._done(self._desk.acts.approve(asked))

    async def DeclineCase(
        self, request: review_act_pb2.DeclineCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Fail an open step-up."""
        asked = self._asked(request, call, request.note)
        return await self._done(self._desk.acts.decline(asked))

    async def DemandChallenge(
        self, request: review_act_pb2.DemandChallengeRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Ask the shop for one more challenge."""
        asked = self._asked(request, call, request.note)
        kind = enums.CHALLENGE_KINDS.get(request.challenge, ChallengeKind.SUPERVISOR)
        return await self._done(self._desk.acts.demand(asked, kind))

    async def EscalateCase(
        self, request: review_act_pb2.EscalateCaseRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Put a case before the seniors."""
        asked = self._asked(request, call, request.note)
        return await self._done(self._desk.acts.escalate(asked))

    async def AddNote(
        self, request: review_act_pb2.AddNoteRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Add a note."""
        asked = self._asked(request, call, request.note)
        return await self._done(self._desk.acts.note(asked))

    async def SetDisposition(
        self, request: review_act_pb2.SetDispositionRequest, call: Call
    ) -> review_queue_pb2.CaseSummary:
        """Say what was found."""
        asked = self._asked(request, call, request.note)
        found = enums.DISPOSITIONS.get(request.disposition, Disposition.UNDETERMINED)
        return await self._done(self._desk.acts.dispose(asked, found))

    async def ListTrail(
        self, request: review_act_pb2.ListTrailRequest, call: Call
    ) -> review_act_pb2.ListTrailResponse:
        """Return a page of what analysts did, newest first."""
        violations = Violations.of(request)
        wanted = TrailFilter(
            decision_id=(
                violations.read("case", names.decision_id, request.case, NO_ID)
                if request.case
                else b""
            ),
            actor=request.actor,
            act=request.act,
            start=(
                violations.read("start_time", times.to_ms, request.start_time, None)
                if request.HasField("start_time")
                else None
            ),
            end=(
                violations.read("end_time", times.to_ms, request.end_time, None)
                if request.HasField("end_time")
                else None
            ),
        )
        page = pages.page(violations, request, f"trail/{wanted}")
        violations.refuse()
        after = int.from_bytes(page.after[:_PLACE_BYTES], "big")
        found = await self._desk.trail.page(wanted, after, page.most)
        shown = page.cut(found)
        last = shown[-1][0].to_bytes(_PLACE_BYTES, "big") if shown else b""
        return review_act_pb2.ListTrailResponse(
            trail_entries=[case_summary.entry_to_proto(entry) for _, entry in shown],
            next_page_token=page.next_token(found, last),
        )

    def _asked(
        self,
        request: AboutCase,
        call: Call,
        note: str = "",
        violations: Violations | None = None,
    ) -> Asked:
        """Return what a request asks; every violation at once."""
        if violations is None:
            violations = Violations.of(request)
        asked = Asked(
            self._once(violations, request, call),
            call.identity.name,
            violations.read("name", names.decision_id, request.name, NO_ID),
            violations.read("etag", case_summary.seen, request.etag, None),
            note,
        )
        violations.refuse()
        return asked

    async def _done(self, act: Awaitable[CaseSummary]) -> review_queue_pb2.CaseSummary:
        return self._shown(await act)
