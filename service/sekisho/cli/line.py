"""`sekisho line`: records what the carrier's own systems know of lines."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import App, Parameter
from google.protobuf import json_format

from sekisho.cli import output, requests
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import CommandError
from sekisho.v1.line_event_pb2 import (
    LineEvent,
    RecordLineEventsRequest,
    UpsertLineRecordRequest,
)
from sekisho.v1.line_event_pb2_grpc import LineEventServiceStub

_BATCH = 1_000

app = App(name="line", help="Record what the carrier knows of its lines.")


@app.command
def record(
    file: Annotated[str, Parameter(name="FILE", allow_leading_hyphen=True)],
    /,
    *,
    connection: Connection = LOCAL,
) -> None:
    """Record a line as the carrier knows it now.

    Parameters
    ----------
    file
        UpsertLineRecordRequest as JSON (protobuf's mapping); - is standard input. Without a
        requestId it gets a fresh one, without a recordTime it is true now.
    connection
        How to reach the server.

    """
    request = requests.read(file, UpsertLineRecordRequest())
    request.request_id = request.request_id or requests.new_request_id()
    if not request.HasField("record_time"):
        request.record_time.GetCurrentTime()
    with channel(connection) as opened:
        LineEventServiceStub(opened).UpsertLineRecord(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    output.out().print("recorded")


@app.command
def events(
    file: Annotated[str, Parameter(name="FILE", allow_leading_hyphen=True)],
    /,
    *,
    connection: Connection = LOCAL,
) -> None:
    """Record events of lines: all of the file's, or none. A repeat counts once.

    Parameters
    ----------
    file
        One LineEvent as JSON a line, with its eventId; - is standard input.
    connection
        How to reach the server.

    """
    found = list(_read(file))
    parts = (
        RecordLineEventsRequest(events=found[start : start + _BATCH])
        for start in range(0, len(found), _BATCH)
    )
    with channel(connection) as opened:
        answer = LineEventServiceStub(opened).RecordLineEvents(parts, metadata=connection.metadata)
    output.out().print(
        output.pairs(
            [
                ("recorded", f"{answer.recorded_count:,}"),
                ("known already", f"{answer.duplicate_count:,}"),
            ]
        )
    )


def _read(file: str) -> Iterator[LineEvent]:
    for number, line in enumerate(requests.read_text(file).splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json_format.Parse(line, LineEvent())
        except json_format.ParseError:
            # What the parser says may quote the number.
            raise CommandError(f"{file}: line {number}: is not a LineEvent in JSON") from None
