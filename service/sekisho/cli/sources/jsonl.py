"""sekisho's own form: one WatchlistEntry a line, in protobuf's JSON mapping."""

from collections.abc import Iterator
from typing import BinaryIO

from google.protobuf import json_format

from sekisho.cli.sources.rows import About, Row
from sekisho.v1.watchlist_pb2 import WatchlistEntry


def read(file: BinaryIO, default: About) -> Iterator[Row]:
    """Read the file line by line; empty lines do not count. `default` fills source and reason."""
    number = 0
    while line := file.readline():
        number += 1
        if line.strip():
            yield _row(number, line, default)


def _row(number: int, line: bytes, default: About) -> Row:
    row = Row(number)
    try:
        entry = json_format.Parse(line.decode("utf-8"), WatchlistEntry())
    except (json_format.ParseError, UnicodeDecodeError):
        # What the parser says may quote the identifier.
        row.skip("not a WatchlistEntry in JSON")
        return row
    about = About(
        entry.source or default.source,
        entry.reason or default.reason,
        entry.start_time if entry.HasField("start_time") else default.starts,
        entry.expire_time if entry.HasField("expire_time") else default.expires,
    )
    row.add_identifier(entry.identifier, about)
    return row
