"""Files of watchlist entries: CSV with a heading, or one WatchlistEntry a line as JSON."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from google.protobuf import json_format

from sekisho.console.identifiers import PLAIN, BadIdentifierError, identifier_of
from sekisho.console.moments import stamp_of
from sekisho.v1.watchlist_pb2 import WatchlistEntry

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_ENTRIES: Final = 200_000
MOST_PROBLEMS: Final = 20
COLUMNS: Final = (
    "document",
    "type",
    "country",
    *PLAIN,
    "name",
    "birth_date",
    "reason",
    "source",
    "expires",
)
"""The headings that are read, in any order; of the identifiers a row has one."""

_JAPAN: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be read: its number from 1 (the heading is the first), and a key of
    texts with what it names."""

    row: int
    key: str
    what: str = ""


def read(content: bytes) -> tuple[Sequence[WatchlistEntry], Sequence[Problem]]:
    """Return the entries of a file and what is wrong with it: the first problems only."""
    try:
        text = _decoded(content)
    except UnicodeDecodeError:
        return (), (Problem(1, "encoding"),)
    entries: list[WatchlistEntry] = []
    problems: list[Problem] = []
    rows = _json_lines(text) if text.lstrip().startswith("{") else _csv(text)
    for found in rows:
        if isinstance(found, Problem):
            problems.append(found)
        else:
            entries.append(found)
        if len(entries) > MOST_ENTRIES:
            problems.append(Problem(len(entries), "too_many", f"{MOST_ENTRIES:,}"))
        if len(problems) >= MOST_PROBLEMS or len(entries) > MOST_ENTRIES:
            break
    if not entries and not problems:
        problems.append(Problem(1, "empty"))
    return entries, problems


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # As spreadsheets in Japan save it.
        return content.decode("cp932")


def _json_lines(text: str) -> Iterator[WatchlistEntry | Problem]:
    for at, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield json_format.Parse(line, WatchlistEntry(), max_recursion_depth=8)
        except (json_format.ParseError, RecursionError):
            # Not the parser's words: they would repeat what stands there.
            yield Problem(at, "json")


def _csv(text: str) -> Iterator[WatchlistEntry | Problem]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    try:
        headings = [heading.strip().lower() for heading in reader.fieldnames or ()]
        unknown = [heading for heading in headings if heading not in COLUMNS]
        if unknown or not headings:
            yield Problem(1, "headings", ", ".join(unknown)[:100])
            return
        reader.fieldnames = headings
        for row in reader:
            if any(value for key, value in row.items() if key is None):
                yield Problem(reader.line_num, "cells")
                continue
            fields = {key: (value or "").strip() for key, value in row.items() if key}
            if any(fields.values()):
                yield _entry(reader.line_num, fields)
    except csv.Error:
        yield Problem(reader.line_num, "csv")


def _entry(at: int, fields: dict[str, str]) -> WatchlistEntry | Problem:
    kinds = [kind for kind in ("document", *PLAIN, "name") if fields.get(kind)]
    if len(kinds) != 1:
        return Problem(at, "one_identifier")
    kind = "person" if kinds[0] == "name" else kinds[0]
    try:
        identifier = identifier_of(kind, fields)
    except BadIdentifierError as error:
        return Problem(at, "identifier", str(error))
    entry = WatchlistEntry(
        identifier=identifier, reason=fields.get("reason", ""), source=fields.get("source", "")
    )
    if expires := fields.get("expires", ""):
        try:
            day = date.fromisoformat(expires)
            # To the end of that day, in Japan.
            end = datetime.combine(day + timedelta(days=1), time(), _JAPAN)
            entry.expire_time.CopyFrom(stamp_of(end))
        except (ValueError, OverflowError):
            return Problem(at, "expires")
    return entry
