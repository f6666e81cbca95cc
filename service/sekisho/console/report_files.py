"""Files of late reports: CSV, one fraud a row."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sekisho.console.moments import stamp_of
from sekisho.v1.review_act_pb2 import FraudSource, ReportFraudRequest

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 500
COLUMNS: Final = ("decision", "msisdn", "source", "fraud_time", "note")
SOURCES: Final = ("customer", "bank", "police", "carrier")


@dataclass(frozen=True, slots=True)
class Row:
    """A row, its number from 1, and what it asks for, or a key of texts of what is wrong."""

    number: int
    request: ReportFraudRequest | None
    problem: str = ""


def request_of(
    decision: str, msisdn: str, source: str, moment: datetime | None, note: str
) -> ReportFraudRequest:
    """Return a report. One of decision and msisdn is empty; the API refuses neither and both."""
    request = ReportFraudRequest(
        source=FraudSource.Value(f"FRAUD_SOURCE_{source.upper() or 'UNSPECIFIED'}"), note=note
    )
    if msisdn:
        request.msisdn = msisdn
    if decision:
        request.decision = decision
    if moment:
        request.fraud_time.CopyFrom(stamp_of(moment))
    return request


def read(content: bytes, zone: ZoneInfo) -> Sequence[Row]:
    """Return the rows of a file; times without a zone are in `zone`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp932")
        except UnicodeDecodeError:
            return [Row(1, None, "encoding")]
    reader = csv.DictReader(text.splitlines(keepends=True))
    rows: list[Row] = []
    try:
        headings = [each.strip().lower() for each in reader.fieldnames or ()]
        if not headings or not set(headings) <= set(COLUMNS):
            return [Row(1, None, "headings")]
        reader.fieldnames = headings
        for cells in reader:
            fields = {key: (value or "").strip() for key, value in cells.items() if key}
            if any(fields.values()):
                rows.append(_row(reader.line_num, fields, zone))
            if len(rows) > MOST_ROWS:
                return [Row(reader.line_num, None, "too_many")]
    except csv.Error:
        return [Row(reader.line_num, None, "csv")]
    return rows or [Row(1, None, "empty")]


def _row(number: int, fields: dict[str, str], zone: ZoneInfo) -> Row:
    decision, msisdn = fields.get("decision", ""), fields.get("msisdn", "")
    if bool(decision) == bool(msisdn):
        return Row(number, None, "one_subject")
    source = fields.get("source", "").lower()
    if source not in SOURCES:
        return Row(number, None, "source")
    moment = None
    if told := fields.get("fraud_time", ""):
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            return Row(number, None, "time")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return Row(number, request_of(decision, msisdn, source, moment, fields.get("note", "")))
