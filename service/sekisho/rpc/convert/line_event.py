"""Events of lines, from the proto."""

from collections.abc import Iterable
from typing import Final

from sekisho.application.lines import ReportedLineEvent
from sekisho.domain import identifiers
from sekisho.rpc.convert import enums, names, times
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import line_event_pb2

FIELD: Final = "events"


def line_events(
    violations: Violations,
    messages: Iterable[line_event_pb2.LineEvent],
    first: int,
    now: int,
) -> list[ReportedLineEvent]:
    """Return a part of a stream's events; `first` is the number of events before it."""
    return [
        ReportedLineEvent(
            event_id=violations.read(
                f"{FIELD}[{index}].event_id", names.request_id, message.event_id, ""
            ),
            msisdn=violations.read(
                f"{FIELD}[{index}].msisdn", identifiers.msisdn, message.msisdn, ""
            ),
            kind=enums.LINE_EVENT_KINDS.get(message.kind, ""),
            at=times.past_ms(violations, f"{FIELD}[{index}].event_time", message.event_time, now),
        )
        for index, message in enumerate(messages, first)
    ]
