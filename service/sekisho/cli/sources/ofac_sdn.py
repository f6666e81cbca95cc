"""The SDN list of the US Treasury (OFAC) as published: sdn.csv.

No header row; twelve columns; `-0-` is null; an old end-of-file mark (Ctrl-Z) closes it. What
identifies a person stands in the remarks, separated by semicolons: "DOB 12 Mar 1960; alt. DOB
1961; Passport A123456 (Iran) expires 09 Mar 2017; a.k.a. 'NICKNAME'".
Source: "SDN data formats", https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from sekisho.cli.sources.birth_dates import birth_dates
from sekisho.cli.sources.passports import passport
from sekisho.cli.sources.rows import About, Row, SourceError, csv_rows
from sekisho.domain.sim_change import DocumentType

_NULL = "-0-"
_END = "\x1a"
_DOB = re.compile(r"(?:alt\. )?DOB (.+)")
_PASSPORT = re.compile(
    r"(?:alt\. )?(?:U\.S\.A\. |British National Overseas |Diplomatic |Stateless Person )?"
    r"Passport\b(?: Booklet)?:? ?(.*)"
)
_ALIAS = re.compile(r"[af]\.k\.a\. '(.+?)'")
_EMAIL = re.compile(r"(?:alt\. )?Email(?: Address)?:? ?(\S+@\S+)")
_TELEPHONE = re.compile(r"(?:alt\. )?(?:Telephone|Phone)(?: Number| No\.?)?:? ?(\+?[\d ().-]{7,})")
_OTHER_ID = re.compile(r"(?:National|Personal|Tax) ID|Cedula|SSN|Identification|Driver|D\.N\.I\.")
_TITLE = re.compile(r"\b(?:Dr|Eng|Gen|Col|Capt)\. ")


def read(file: BinaryIO, encoding: str = "utf-8") -> Iterator[Row]:
    """Read the file row by row. Raises SourceError where it is another kind of file."""
    for number, columns in enumerate(csv_rows(file, encoding), 1):
        if columns == [_END]:
            return
        if len(columns) != 12:
            raise SourceError(f"row {number} has {len(columns)} columns; the SDN list has 12")
        yield _row(number, [_value(column) for column in columns])


def _value(column: str) -> str:
    value = column.strip()
    return "" if value == _NULL else value


def _row(number: int, columns: list[str]) -> Row:
    row = Row(number)
    entity, name, kind, programmes, remarks = *columns[:4], columns[11]
    about = About("OFAC SDN", f"SDN {entity}, {programmes.replace('] [', ', ')}")
    parts = [part.strip() for part in remarks.removesuffix(".").split(";")]
    if kind in {"vessel", "aircraft"}:
        row.skip(kind)
        return row

    _contacts(row, parts, about)
    if kind == "individual":
        _person(row, name, parts, about)
        _documents(row, parts, about)
    elif not row.entries:
        row.skip("entity without a contact")
    return row


def _person(row: Row, name: str, parts: list[str], about: About) -> None:
    written = [found[1] for part in parts if (found := _DOB.match(part))]
    dates = list(dict.fromkeys(date for text in written for date in birth_dates(text)))
    if not written:
        row.skip("person without a birth date")
    elif not dates:
        row.skip("person whose birth date is too vague")
    for date in dates:
        row.add_person(_TITLE.sub("", name), date, about)
    for part in parts:
        if found := _ALIAS.match(part):
            exact = [date for date in dates if len(date) == 10]
            if not exact:
                # A nickname and a year match strangers.
                row.skip("alias without an exact birth date")
            for date in exact:
                row.add_person(found[1], date, about)


def _documents(row: Row, parts: list[str], about: About) -> None:
    for part in parts:
        if found := _PASSPORT.match(part):
            read_passport = passport(found[1])
            if read_passport is None:
                row.skip("passport without a number")
                continue
            number, country = read_passport
            if country is None:
                row.weakened.append("passport without a known country")
            row.add_document(DocumentType.PASSPORT, country or "", number, about)
        elif _OTHER_ID.search(part):
            row.skip("identity number of a kind that no counter takes")


def _contacts(row: Row, parts: list[str], about: About) -> None:
    for part in parts:
        if found := _EMAIL.match(part):
            row.add_plain("contact", found[1].rstrip(".,"), about)
        elif found := _TELEPHONE.match(part):
            number = re.sub(r"\D", "", found[1])
            if found[1].startswith("+") or number.startswith("00"):
                row.add_plain("contact", "+" + number.removeprefix("00"), about)
            else:
                row.skip("telephone number without a country code")
