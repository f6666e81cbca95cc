"""LineEventService: what the carrier's systems report of lines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from sekisho.application.lines import ReportedLineEvent
from sekisho.application.use_cases import UseCases
from sekisho.domain import identifiers
from sekisho.rpc.call import Call
from sekisho.rpc.convert import line_event, times
from sekisho.rpc.convert.line_record import line_record
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.errors import MOST_VIOLATIONS
from sekisho.rpc.once import Digest, once
from sekisho.v1 import line_event_pb2

MOST_EVENTS: Final = 100_000
"""Events in one stream."""


class LineEventService:
    """Records lines and their events."""

    def __init__(self, use_cases: UseCases, digest: Digest, clock: Callable[[], int]) -> None:
        """`clock` gives Unix milliseconds."""
        self._use_cases = use_cases
        self._digest = digest
        self._clock = clock

    async def UpsertLineRecord(
        self, request: line_event_pb2.UpsertLineRecordRequest, call: Call
    ) -> line_event_pb2.UpsertLineRecordResponse:
        """Record a line as the carrier knows it."""
        now = self._clock()
        violations = Violations.of(request)
        this = once(violations, request, call.identity.name, self._digest)
        msisdn = violations.read("msisdn", identifiers.msisdn, request.msisdn, "")
        record = line_record(violations, "record.", request.record, now, times.today_in_japan(now))
        record_at = times.past_ms(violations, "record_time", request.record_time, now)
        violations.refuse()
        await self._use_cases.lines.upsert(this, msisdn, record, record_at)
        return line_event_pb2.UpsertLineRecordResponse()

    async def RecordLineEvents(
        self, requests: AsyncIterator[line_event_pb2.RecordLineEventsRequest], call: Call
    ) -> line_event_pb2.RecordLineEventsResponse:
        """Record all events of a stream, or none."""
        now = self._clock()
        violations = Violations()
        events: list[ReportedLineEvent] = []
        count = 0
        async for request in requests:
            part, count = request.events, count + len(request.events)
            if count > MOST_EVENTS:
                violations.add(line_event.FIELD, f"expected at most {MOST_EVENTS} in one stream")
                break
            # Beside the loop: a thousand events take longer than an assessment.
            events += await asyncio.to_thread(
                self._converted, violations, request, count - len(part), now
            )
            if len(violations) >= MOST_VIOLATIONS:
                break
        if not count:
            violations.add(line_event.FIELD, "expected at least one")
        violations.refuse()
        recorded, duplicates = await self._use_cases.lines.record_events(call.identity.name, events)
        return line_event_pb2.RecordLineEventsResponse(
            recorded_count=recorded, duplicate_count=duplicates
        )

    def _converted(
        self,
        violations: Violations,
        request: line_event_pb2.RecordLineEventsRequest,
        first: int,
        now: int,
    ) -> list[ReportedLineEvent]:
        violations.add_rules_of(request, line_event.FIELD, first)
        return line_event.line_events(violations, request.events, first, now)
