"""ReviewService: what follows from fraud: identifiers blocked, and frauds found later."""

from sekisho.domain import case_number, identifiers
from sekisho.rpc.call import Call
from sekisho.rpc.convert import case_summary, names, times
from sekisho.rpc.convert.enums import words
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_base import NO_ID, ReviewBase
from sekisho.v1 import review_act_pb2

_SOURCES = words(review_act_pb2.DESCRIPTOR.enum_types_by_name["FraudSource"], "FRAUD_SOURCE_")


class FraudMethods(ReviewBase):
    """What follows from fraud."""

    async def BlockIdentifiers(
        self, request: review_act_pb2.BlockIdentifiersRequest, call: Call
    ) -> review_act_pb2.BlockIdentifiersResponse:
        """Put a case's identifiers on a watchlist and lock its line, together or not at all."""
        violations = Violations.of(request)
        this = self._once(violations, request, call)
        decision_id = violations.read("name", names.decision_id, request.name, NO_ID)
        seen = violations.read("etag", case_summary.seen, request.etag, None)
        watchlist = ""
        if request.roles or request.watchlist:
            watchlist = violations.read("watchlist", names.watchlist_id, request.watchlist, "")
        expires_at = None
        if request.HasField("expire_time"):
            expires_at = violations.read("expire_time", times.to_ms, request.expire_time, None)
            if expires_at is not None and expires_at <= self._clock():
                violations.add("expire_time", "expected a time to come")
        if not request.roles and not request.lock_line:
            violations.add("roles", "expected roles, or lock_line: else nothing is to be done")
        violations.refuse()
        blocked = await self._desk.block_identifiers(
            *(this, call.identity.name, decision_id, seen),
            roles=tuple(request.roles),
            watchlist=watchlist,
            expires_at=expires_at,
            lock_line=request.lock_line,
            note=request.note,
        )
        return review_act_pb2.BlockIdentifiersResponse(
            case=self._shown(blocked.case),
            entries=[
                names.entry_name(blocked.watchlist, fingerprint)
                for fingerprint in blocked.fingerprints
            ],
        )

    async def ReportFraud(
        self, request: review_act_pb2.ReportFraudRequest, call: Call
    ) -> review_act_pb2.ReportFraudResponse:
        """Record fraud that came to light later."""
        violations = Violations.of(request)
        actor = call.identity.name
        this = self._once(violations, request, call)
        fraud_at = None
        if request.HasField("fraud_time"):
            fraud_at = times.past_ms(violations, "fraud_time", request.fraud_time, self._clock())
        source = _SOURCES.get(request.source, "")
        report = self._desk.report_fraud
        if request.WhichOneof("subject") == "msisdn":
            msisdn = violations.read("msisdn", identifiers.msisdn, request.msisdn, "")
            violations.refuse()
            found = await report.by_line(this, actor, msisdn, fraud_at, source, request.note)
        else:
            decision_id, number = NO_ID, ""
            if "/" in request.decision:
                decision_id = violations.read(
                    "decision", names.decision_id, request.decision, NO_ID
                )
            else:
                number = violations.read("decision", case_number.parse, request.decision, "")
            violations.refuse()
            if number:
                case = await self._review.case_by_number(number)
                decision_id = case.standing.decision_id
            found = await report.by_decision(this, actor, decision_id, source, request.note)
        return review_act_pb2.ReportFraudResponse(cases=[self._shown(each) for each in found])
