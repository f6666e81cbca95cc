"""What reading one row of a published list gives."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from io import TextIOWrapper
from typing import BinaryIO

from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.domain.errors import InvalidArgumentError
from sekisho.domain.sim_change import DocumentType
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.convert.watched import identifier as convert_identifier
from sekisho.rpc.convert.watchlist import entry as convert_entry
from sekisho.v1.sim_change_pb2 import IdentityDocument
from sekisho.v1.watchlist_pb2 import (
    DocumentIdentifier,
    Identifier,
    PersonIdentifier,
    WatchlistEntry,
)


class SourceError(Exception):
    """The whole file cannot be read as this format. Its text says why, without its content."""


def csv_rows(file: BinaryIO, encoding: str, delimiter: str = ",") -> Iterator[list[str]]:
    """Read the rows of a CSV file; bytes that the encoding does not know become U+FFFD."""
    try:
        lines = TextIOWrapper(file, encoding, errors="replace", newline="")
    except LookupError:
        raise SourceError(f"cannot be read: unknown encoding {encoding!r}") from None
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as error:
        raise SourceError(f"is not CSV: {error}") from None
    finally:
        # The file is the caller's to close, and may be closed already.
        with suppress(ValueError):
            lines.detach()


@dataclass(frozen=True, slots=True)
class About:
    """What all entries of a row share. No personal data: it is stored and shown in clear."""

    source: str = ""
    reason: str = ""
    starts: Timestamp | None = None
    expires: Timestamp | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What the server would not take; lists repeat it row after row, so that it is kept."""
        starts = self.starts.ToNanoseconds() if self.starts else None
        expires = self.expires.ToNanoseconds() if self.expires else None
        return _problems_about(self.source, self.reason, starts, expires)


@dataclass(slots=True)
class Row:
    """One row: the entries that it gives, why parts of it give none, and what weakens others.

    `number` counts from 1. The texts name no identifier: they are shown and counted.
    """

    number: int
    entries: list[WatchlistEntry] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    weakened: list[str] = field(default_factory=list)

    def skip(self, why: str) -> None:
        """Note why something in this row is not used."""
        self.skipped.append(why)

    def add_document(
        self, type_: DocumentType | None, country: str, number: str, about: About
    ) -> None:
        """Add an identity document, or note why it cannot be used."""
        document = DocumentIdentifier(type=_TYPES[type_], country=country, number=number)
        self.add_identifier(Identifier(document=document), about)

    def add_person(self, name: str, birth_date: str, about: About) -> None:
        """Add a person, or note why it cannot be used. `birth_date` is YYYY-MM-DD or YYYY."""
        person = PersonIdentifier(name=name, birth_date=birth_date)
        self.add_identifier(Identifier(person=person), about)

    def add_plain(self, kind: str, value: str, about: About) -> None:
        """Add an identifier of one of the kinds in PLAIN, or note why it cannot be used."""
        identifier = Identifier()
        setattr(identifier, kind, value)
        self.add_identifier(identifier, about)

    def add_identifier(self, identifier: Identifier, about: About) -> None:
        """Add an identifier, or note why it cannot be used.

        It is judged as the server judges it, so that the server never refuses the whole file.
        """
        problems = about.problems or _problems_of(identifier)
        if problems:
            self.skipped.extend(problems)
            return
        self.entries.append(
            WatchlistEntry(
                identifier=identifier,
                source=about.source,
                reason=about.reason,
                start_time=about.starts,
                expire_time=about.expires,
            )
        )


def _problems_of(identifier: Identifier) -> tuple[str, ...]:
    if identifier.WhichOneof("kind") is None:
        return ("entry without an identifier",)
    violations = Violations()
    convert_identifier(violations, "", identifier)
    return _told(violations)


@lru_cache(maxsize=1024)
def _problems_about(
    source: str, reason: str, starts: int | None, expires: int | None
) -> tuple[str, ...]:
    entry = WatchlistEntry(source=source, reason=reason, identifier=_SOUND)
    if starts is not None:
        entry.start_time.FromNanoseconds(starts)
    if expires is not None:
        entry.expire_time.FromNanoseconds(expires)
    violations = Violations.of(entry)
    convert_entry(violations, "", entry)
    return _told(violations)


def _told(violations: Violations) -> tuple[str, ...]:
    if not violations:
        return ()
    try:
        violations.refuse()
    except InvalidArgumentError as error:
        found = error.violations
        return tuple(f"{each.field.replace('.', ' ')}: {each.description}" for each in found)
    return ()


_SOUND = Identifier(contact="someone@example.org")
"""Nothing is wrong with it: what is wrong with an entry of it is wrong with the rest."""

_TYPES: dict[DocumentType | None, "IdentityDocument.Type.ValueType"] = {
    None: IdentityDocument.TYPE_UNSPECIFIED
} | {type_: IdentityDocument.Type.Value(f"TYPE_{type_.name}") for type_ in DocumentType}

PLAIN = ("msisdn", "imei", "iccid", "eid", "contact")
"""Identifiers that are one text, by their field in Identifier."""
