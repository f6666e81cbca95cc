"""The UN Security Council's consolidated list as published (XML).

Source: the schema that the file names, https://www.un.org/sc/resources/sc-sanctions.xsd, and the
list itself: document types in three languages, numbers with words around them, dates exact,
approximate or between two years.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from sekisho.cli.sources.birth_dates import birth_dates, years
from sekisho.cli.sources.country_names import country_code
from sekisho.cli.sources.passports import passport
from sekisho.cli.sources.rows import About, Row, SourceError
from sekisho.domain.sim_change import DocumentType

_ROOT = "CONSOLIDATED_LIST"
_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def read(file: BinaryIO) -> Iterator[Row]:
    """Read the file, one row an individual or entity. Raises SourceError."""
    number = 0
    try:
        events = iterparse(file, events=("start", "end"))
        if next(events)[1].tag != _ROOT:
            raise SourceError(f"is XML, but not the UN's list: it does not start with {_ROOT}")
        for event, element in events:
            if event == "end" and element.tag in {"INDIVIDUAL", "ENTITY"}:
                number += 1
                yield _row(number, element)
                # What was read is let go, so that memory does not grow with the list.
                element.clear()
    except (ParseError, DefusedXmlException) as error:
        kind = type(error).__name__
        raise SourceError(f"is not well-formed XML after record {number}: {kind}") from None


def _row(number: int, record: Element) -> Row:
    row = Row(number)
    if record.tag == "ENTITY":
        row.skip("entity")
        return row
    reason = f"{_text(record, 'UN_LIST_TYPE')}, {_text(record, 'REFERENCE_NUMBER')}"
    about = About("UN Security Council", reason)
    _person(row, record, about)
    for document in record.iterfind("INDIVIDUAL_DOCUMENT"):
        _document(row, document, about)
    return row


def _person(row: Row, record: Element, about: About) -> None:
    born = record.findall("INDIVIDUAL_DATE_OF_BIRTH")
    dates = list(dict.fromkeys(date for element in born for date in _dates(element)))
    if not dates:
        said = any(_text(element, tag) for element in born for tag in ("DATE", "FROM_YEAR", "NOTE"))
        row.skip(f"person {'whose birth date is too vague' if said else 'without a birth date'}")
        return

    names = [
        " ".join(filter(None, (_text(record, tag) for tag in _NAMES))),
        _text(record, "NAME_ORIGINAL_SCRIPT"),
    ]
    for alias in record.iterfind("INDIVIDUAL_ALIAS"):
        name = _text(alias, "ALIAS_NAME")
        if name and _text(alias, "QUALITY") != "Good":
            row.skip("alias that the list itself calls weak")
        else:
            names.append(name)
    for name in dict.fromkeys(filter(None, names)):
        for date in dates:
            row.add_person(name, date, about)


def _dates(element: Element) -> tuple[str, ...]:
    """Return the dates or years of one INDIVIDUAL_DATE_OF_BIRTH."""
    first, last = _text(element, "FROM_YEAR"), _text(element, "TO_YEAR")
    if first.isdecimal() and last.isdecimal():
        return years(int(first), int(last))
    text = _text(element, "DATE") or _text(element, "YEAR") or _text(element, "NOTE")
    about = "circa " if _text(element, "TYPE_OF_DATE") == "APPROXIMATELY" else ""
    return birth_dates(about + text)


def _document(row: Row, element: Element, about: About) -> None:
    kind = _text(element, "TYPE_OF_DOCUMENT").casefold()
    note = _text(element, "NOTE")
    if not kind:
        return
    if not any(word in kind for word in ("passport", "passeport", "pasaporte")):
        row.skip("identity number of a kind that no counter takes")
        return
    # Without a number, the note may have it: "Libyan passport number 123456, issued …".
    written = _text(element, "NUMBER")
    read_passport = passport(written or (note if "number" in note else ""))
    if read_passport is None:
        row.skip("passport without a number")
        return
    number, named = read_passport
    country = (
        country_code(_text(element, "ISSUING_COUNTRY"))
        or country_code(_text(element, "COUNTRY_OF_ISSUE"))
        or named
        or country_code(note.split(",")[0])
    )
    if country is None:
        row.weakened.append("passport without a known country")
    row.add_document(DocumentType.PASSPORT, country or "", number, about)


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
