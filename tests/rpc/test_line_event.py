"""What reaches the use cases from LineEventService, and what comes back."""

from sekisho.application.lines import ReportedLineEvent
from sekisho.domain.sim_change import DocumentType, Holder
from sekisho.v1 import line_event_pb2
from tests.support import requests
from tests.support.clock import NOW
from tests.support.server import Running, refused, stream_of


def message(first: int, count: int) -> line_event_pb2.RecordLineEventsRequest:
    return line_event_pb2.RecordLineEventsRequest(
        events=[requests.line_event(number) for number in range(first, first + count)]
    )


async def test_a_record_reaches_its_line(api: Running) -> None:
    request = requests.upsert()
    request.msisdn = "０９０－１２３４－５６７８"
    await api.client.line_event.UpsertLineRecord(request)
    last = api.told.last
    assert last["msisdn"] == "+819012345678"
    assert last["record_at"] == NOW
    assert last["once"].request_id == requests.REQUEST_ID
    record = last["record"]
    assert record.document_type is DocumentType.DRIVING_LICENCE
    assert record.holder is Holder.CONSUMER
    assert record.current_sim_on_network is False
    assert record.pin_changed_at == NOW - 86_400_000
    assert record.contact_changed_at is None


async def test_events_of_all_messages_are_recorded_together(api: Running) -> None:
    messages = [message(0, 1000), message(1000, 500), message(0, 1)]
    answer = await api.client.line_event.RecordLineEvents(stream_of(messages))
    assert (answer.recorded_count, answer.duplicate_count) == (1500, 1)
    assert api.told.names == ["record_events"]
    assert api.told.last["caller"] == "loopback"
    events = api.told.last["events"]
    assert len(events) == 1501
    assert events[0] == ReportedLineEvent(
        "0199b0f0-2222-7222-8333-000000000000", "+819010000000", "lock_set", NOW - 1000
    )


async def test_a_wrong_event_is_named_by_its_place_in_the_whole_stream(api: Running) -> None:
    bad = message(20, 3)
    bad.events[1].msisdn = "12"
    bad.events[2].event_id = "x"
    bad.events[2].kind = line_event_pb2.LineEvent.KIND_UNSPECIFIED
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of([message(0, 20), bad])))
    assert set(answer.violations) == {"events[21].msisdn", "events[22].event_id", "events[22].kind"}
    assert not api.told.calls


async def test_a_message_of_more_than_a_thousand_events_is_refused(api: Running) -> None:
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of([message(0, 1001)])))
    assert set(answer.violations) == {"events"}


async def test_a_stream_of_more_than_a_hundred_thousand_events_is_refused(api: Running) -> None:
    part = message(0, 1000)
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of([part] * 101)))
    assert answer.violations == {"events": "expected at most 100000 in one stream"}
    assert not api.told.calls


async def test_a_message_without_events_is_refused(api: Running) -> None:
    messages = [message(0, 1), line_event_pb2.RecordLineEventsRequest()]
    answer = await refused(api.client.line_event.RecordLineEvents(stream_of(messages)))
    assert set(answer.violations) == {"events"}
