"""Any CSV file with a header row, its columns mapped by options."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import BinaryIO

from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.cli.moments import parse_moment
from sekisho.cli.sources.birth_dates import birth_dates
from sekisho.cli.sources.country_names import country_code
from sekisho.cli.sources.rows import PLAIN, About, Row, SourceError, csv_rows
from sekisho.domain.countries import country as iso_country
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.sim_change import DocumentType

FIELDS = (
    *("number", "country", "type", "name", "birth_date"),
    *PLAIN,
    *("source", "reason", "starts", "expires"),
)
"""What a column can be mapped to."""

LITERAL = frozenset({"type", "country", "source", "reason"})
"""Fields that may also be one fixed text for the whole file."""


def read(
    file: BinaryIO,
    mapping: Mapping[str, str],
    default: About,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8-sig",
) -> Iterator[Row]:
    """Read the file row by row; `mapping` is from FIELDS to column names (or fixed texts).

    Raises SourceError where the mapping does not fit the file.
    """
    rows = csv_rows(file, encoding, delimiter)
    header = [name.strip() for name in next(rows, [])]
    columns, fixed = _columns(mapping, header)
    for number, values in enumerate(rows, 1):
        if not any(values):
            continue
        if len(values) < len(header):
            row = Row(number)
            row.skip("row with fewer columns than the header")
            yield row
            continue
        yield _row(
            number, fixed | {name: values[at].strip() for name, at in columns.items()}, default
        )


def _columns(
    mapping: Mapping[str, str], header: list[str]
) -> tuple[dict[str, int], dict[str, str]]:
    columns: dict[str, int] = {}
    fixed: dict[str, str] = {}
    for name, value in mapping.items():
        if name not in FIELDS:
            raise SourceError(f"cannot map {name!r}; what can be mapped: {', '.join(FIELDS)}")
        if value in header:
            columns[name] = header.index(value)
        elif name in LITERAL:
            fixed[name] = value
        else:
            raise SourceError(f"has no column {value!r}; its columns: {', '.join(header)}")
    if "type" in fixed:
        document_type(fixed["type"])
    if not columns.keys() & {"number", *PLAIN} and not {"name", "birth_date"} <= columns.keys():
        raise SourceError(
            "needs --map with number, name and birth_date, msisdn, imei, iccid, eid or contact; "
            f"its columns: {', '.join(header)}"
        )
    return columns, fixed


@cache
def document_type(text: str) -> DocumentType | None:
    """Return the document type of a word; "" is any type. Raises SourceError."""
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    try:
        return DocumentType(word) if word else None
    except ValueError:
        raise SourceError(f"unknown document type; the types: {', '.join(DocumentType)}") from None


def _row(number: int, values: Mapping[str, str], default: About) -> Row:
    row = Row(number)
    try:
        about = About(
            values.get("source") or default.source,
            values.get("reason") or default.reason,
            _instant(values.get("starts")) or default.starts,
            _instant(values.get("expires")) or default.expires,
        )
        type_ = document_type(values.get("type", ""))
    except (ValueError, SourceError) as error:
        row.skip(str(error))
        return row

    if values.get("number"):
        row.add_document(type_, _country(row, values.get("country", "")), values["number"], about)
    if values.get("name") and "birth_date" in values:
        _people(row, values["name"], values["birth_date"], about)
    for kind in PLAIN:
        if values.get(kind):
            row.add_plain(kind, values[kind], about)
    if not row.entries and not row.skipped:
        row.skip("row without an identifier")
    return row


def _country(row: Row, text: str) -> str:
    if not text:
        row.weakened.append("document without a country")
        return ""
    try:
        return iso_country(text)
    except MalformedIdentifierError:
        pass
    code = country_code(text)
    if code is None:
        row.weakened.append("document whose country is not known by that name")
    return code or ""


def _people(row: Row, name: str, written: str, about: About) -> None:
    # Lists put several dates into one cell.
    texts = [text for text in re.split(r"[|;]", written) if text.strip()]
    dates = list(dict.fromkeys(date for text in texts for date in birth_dates(text)))
    if not dates:
        vague = "whose birth date is too vague" if texts else "without a birth date"
        row.skip(f"person {vague}")
    for date in dates:
        row.add_person(name, date, about)


def _instant(text: str | None) -> Timestamp | None:
    return parse_moment(text) if text else None
