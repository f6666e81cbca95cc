"""Files of cases: CSV and JSON Lines, page by page."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable

from google.protobuf import json_format
from google.protobuf.message import Message

from sekisho.application.ports.review import CaseFilter, CaseOrder, CaseSummary
from sekisho.application.use_cases import DeskUseCases
from sekisho.rpc.call import Call
from sekisho.v1 import review_queue_pb2

_PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

Show = Callable[[CaseSummary], review_queue_pb2.CaseSummary]

_FIELDS = [
    field.name
    for field in review_queue_pb2.CaseSummary.DESCRIPTOR.fields
    if field.name not in {"etag", "lease_expire_time"}
]


async def export(
    desk: DeskUseCases,
    request: review_queue_pb2.ExportCasesRequest,
    wanted: CaseFilter,
    call: Call,
    show: Show,
) -> AsyncIterator[bytes]:
    """Yield a file of cases, newest first, once the trail keeps who takes it."""
    words = json_format.MessageToJson(request.filter, preserving_proto_field_name=True, indent=None)
    await desk.trail.exported(call.identity.name, words)
    is_csv = request.format == review_queue_pb2.ExportCasesRequest.FORMAT_CSV
    if is_csv:
        yield _csv([_FIELDS])
    after = None
    while True:
        found = await desk.cases.page(wanted, CaseOrder.NEWEST, after, _PAGE)
        if found:
            shown = [show(each) for each in found]
            yield _csv(map(_cells, shown)) if is_csv else b"".join(map(_line, shown))
            after = found[-1].place
        if len(found) < _PAGE:
            return


def _line(case: Message) -> bytes:
    words = json_format.MessageToJson(case, preserving_proto_field_name=True, indent=None)
    return words.encode() + b"\n"


def _csv(rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(case: review_queue_pb2.CaseSummary) -> list[str]:
    words = json_format.MessageToDict(case, preserving_proto_field_name=True)
    return [_cell(words.get(name, "")) for name in _FIELDS]


def _cell(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
