"""Frauds that came to light later, from a file: a bank's or the police's list."""

import csv
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Final

import grpc

from sekisho.cli.client import Connection, failure
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.moments import parse_moment
from sekisho.cli.requests import STANDARD_INPUT, read_text
from sekisho.cli.review.calls import Desk, resource_name
from sekisho.v1.review_act_pb2 import FraudSource, ReportFraudRequest
from sekisho.v1.review_queue_pb2 import CaseSummary

_LINE: Final = re.compile(r"[+0][0-9() -]{8,}")
_COLUMNS: Final = 3
_NAMESPACE: Final = uuid.UUID("5f0f6a58-8a55-4c3e-9a51-6d5d5f3f2b0e")


@dataclass(frozen=True, slots=True)
class Row:
    """One fraud of a file: where it stands, and what is to be reported."""

    place: str
    request: ReportFraudRequest


def read(file: str, source: FraudSource.ValueType, note: str) -> list[Row]:
    """Read a file, `-` for standard input: a line or a case, then maybe when, and a note.

    Raises CommandError with every row that is none; nothing is reported then.
    """
    rows: list[Row] = []
    wrong: list[tuple[str, str]] = []
    for place, cells in _cells(file):
        try:
            rows.append(Row(place, _request(cells, source, note)))
        except ValueError as error:
            wrong.append((place, str(error)))
    if wrong:
        raise CommandError(f"{file}: nothing was reported", fields=wrong)
    if not rows:
        raise CommandError(f"{file}: has no rows")
    return rows


def report(
    desk: Desk, rows: list[Row], connection: Connection
) -> tuple[list[CaseSummary], list[tuple[str, str]]]:
    """Report all rows; return the cases met, and the rows that were refused, with why.

    Raises CommandError where the server is away: the same file may be sent again.
    """
    cases: dict[str, CaseSummary] = {}
    refused: list[tuple[str, str]] = []
    for row in rows:
        try:
            answer = desk.stub.ReportFraud(
                row.request, timeout=desk.timeout, metadata=desk.metadata
            )
        except grpc.RpcError as error:
            told = failure(error, connection)
            if told.exit_code not in {Exit.BAD_INPUT, Exit.NOT_FOUND, Exit.CONFLICT}:
                raise
            refused.append((row.place, "; ".join([told.message, *(e for _, e in told.fields)])))
        else:
            cases |= {case.name: case for case in answer.cases}
            if not answer.cases:
                refused.append((row.place, "no decision on this line let a change pass"))
    return list(cases.values()), refused


def _cells(file: str) -> Iterator[tuple[str, list[str]]]:
    name = "standard input" if file == STANDARD_INPUT else file
    reader = csv.reader(StringIO(read_text(file), newline=""))
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].startswith("#"):
                yield f"line {reader.line_num}", stripped
    except csv.Error as error:
        raise CommandError(f"{name}: line {reader.line_num}: {error}") from None


def _request(cells: list[str], source: FraudSource.ValueType, note: str) -> ReportFraudRequest:
    what, when, words, *more = [*cells, *[""] * (_COLUMNS - len(cells))]
    if more or not what:
        raise ValueError("expected a line or a case, and then maybe when, and a note")
    request = ReportFraudRequest(
        source=source, fraud_time=parse_moment(when) if when else None, note=words or note
    )
    if _LINE.fullmatch(what):
        request.msisdn = what
    else:
        request.decision = resource_name(what)
    # By its content: a file that broke off is sent again as it is, and nothing counts twice.
    digest = request.SerializeToString(deterministic=True).hex()
    request.request_id = str(uuid.uuid5(_NAMESPACE, digest))
    return request
