"""Identifiers in clear, as analysts write them, from the proto."""

from sekisho.domain import watched
from sekisho.domain.documents import ROOMS, licence_number
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import is_individual_number
from sekisho.domain.sim_change import DocumentType
from sekisho.domain.text import normalise_identifier, plain_separators
from sekisho.domain.watched import WatchedIdentifier
from sekisho.rpc.convert import enums
from sekisho.rpc.convert.line_record import name
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import watchlist_pb2

_PLAIN = {
    "msisdn": watched.msisdn,
    "imei": watched.imei,
    "iccid": watched.iccid,
    "eid": watched.eid,
    "contact": watched.contact,
}

_NOTHING = WatchedIdentifier("", "", "")
"""Stands where an identifier was refused."""


def plain_text(message: watchlist_pb2.Identifier) -> str | None:
    """Return an identifier of one text; None where it is none, a document or a person."""
    kind = message.WhichOneof("kind")
    return getattr(message, kind) if kind in _PLAIN else None


def identifier(
    violations: Violations, prefix: str, message: watchlist_pb2.Identifier
) -> WatchedIdentifier:
    """Return the identifier; its fields are named below `prefix`, which ends in a dot.

    Where violations were added, what is returned means nothing.
    """
    kind = message.WhichOneof("kind")
    if kind is None:
        return _NOTHING
    if kind == "document":
        return _document(violations, f"{prefix}document.", message.document)
    if kind == "person":
        return _person(violations, f"{prefix}person.", message.person)
    return violations.read(f"{prefix}{kind}", _PLAIN[kind], getattr(message, kind), _NOTHING)


def _document(
    violations: Violations, prefix: str, message: watchlist_pb2.DocumentIdentifier
) -> WatchedIdentifier:
    type_ = enums.DOCUMENT_TYPES.get(message.type)

    def without_country(number: str) -> WatchedIdentifier:
        _refuse_individual_number(type_, number)
        return watched.document(type_, "", number)

    def with_country(country: str) -> WatchedIdentifier:
        return watched.document(type_, country, message.number)

    made = violations.read(f"{prefix}number", without_country, message.number, _NOTHING)
    if made is _NOTHING or not message.country:
        return made
    return violations.read(f"{prefix}country", with_country, message.country, _NOTHING)


def _refuse_individual_number(type_: DocumentType | None, number: str) -> None:
    """Judge by the place, as documents do: a licence's twelve digits may pass both checks."""
    if type_ is DocumentType.MY_NUMBER_CARD:
        ROOMS[type_].parse_number(number)
    compact = normalise_identifier(number)
    if is_individual_number(compact) and not licence_number.check_digit_holds(compact):
        raise MalformedIdentifierError(
            "expected a document number; an Individual Number must never be sent"
        )


def _person(
    violations: Violations, prefix: str, message: watchlist_pb2.PersonIdentifier
) -> WatchedIdentifier:
    full_name = violations.read(f"{prefix}name", name, message.name, "")

    def named(raw: str) -> WatchedIdentifier:
        return watched.person(raw, "1900")

    def born(raw: str) -> WatchedIdentifier:
        return watched.person(full_name, plain_separators(raw).strip())

    made = violations.read(f"{prefix}name", named, full_name, _NOTHING)
    if made is _NOTHING:
        # The birth date is judged all the same: every violation at once.
        full_name = "x"
    return violations.read(f"{prefix}birth_date", born, message.birth_date, _NOTHING)
