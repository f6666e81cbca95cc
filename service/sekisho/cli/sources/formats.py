"""Which format a file has, and how it is read."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from sekisho.cli.sources import csv_rows, jsonl, ofac_sdn, un_xml
from sekisho.cli.sources.rows import About, Row, SourceError


class Format(StrEnum):
    """A format of watchlists."""

    AUTO = "auto"
    OFAC_SDN = "ofac-sdn"
    UN_XML = "un-xml"
    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """How to read a file. `mapping`, `delimiter` and `encoding` are for CSV."""

    format: Format = Format.AUTO
    mapping: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str | None = None
    default: About = field(default_factory=About)


def detect(start: bytes) -> Format:
    """Tell the format from the first bytes of a file."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return Format.UN_XML
    if text.startswith(b"{"):
        return Format.JSONL
    first = text.split(b"\n", 1)[0]
    return Format.OFAC_SDN if re.match(rb'\d+,".*-0-', first) else Format.CSV


def read(file: BinaryIO, options: Options) -> Iterator[Row]:
    """Read a file from its start. Raises SourceError, also while the rows are read."""
    format_ = options.format
    if format_ is Format.AUTO:
        format_ = detect(file.read(4096))
        file.seek(0)
    if options.mapping and format_ is not Format.CSV:
        raise SourceError(f"is read as {format_}, which takes no --map")
    readers: dict[Format, Callable[[], Iterator[Row]]] = {
        Format.OFAC_SDN: lambda: ofac_sdn.read(file, options.encoding or "utf-8"),
        Format.UN_XML: lambda: un_xml.read(file),
        Format.JSONL: lambda: jsonl.read(file, options.default),
        Format.CSV: lambda: csv_rows.read(
            file,
            options.mapping,
            options.default,
            delimiter=options.delimiter,
            encoding=options.encoding or "utf-8-sig",
        ),
    }
    return readers[format_]()
