"""Identifiers as forms and files give them, as the API takes them."""

from collections.abc import Mapping
from typing import Final

from sekisho.v1.sim_change_pb2 import IdentityDocument
from sekisho.v1.watchlist_pb2 import DocumentIdentifier, Identifier, PersonIdentifier

PLAIN: Final = ("msisdn", "imei", "iccid", "eid", "contact")
KINDS: Final = ("document", *PLAIN, "person")
"""The kinds, as a form names them."""

_TYPE: Final = "TYPE_"


class BadIdentifierError(Exception):
    """What was given names no identifier. The text says what was expected."""


def document_types() -> list[str]:
    """Return the types of documents, as forms and files name them: `driving_licence`."""
    types = IdentityDocument.Type
    return [name.removeprefix(_TYPE).lower() for name, value in types.items() if value]


def identifier_of(kind: str, fields: Mapping[str, str]) -> Identifier:
    """Return an identifier of `kind`. Its value stands in the field of that name, a person's in
    `name` and `birth_date`; a document has `type` and `country` beside. Raises
    BadIdentifierError."""
    if kind == "document":
        type_ = fields.get("type", "").lower()
        if type_ and type_ not in document_types():
            raise BadIdentifierError(f"type: {', '.join(document_types())}")
        name = f"{_TYPE}{type_.upper() or 'UNSPECIFIED'}"
        return Identifier(
            document=DocumentIdentifier(
                type=IdentityDocument.Type.Value(name),
                country=fields.get("country", ""),
                number=fields.get("document", ""),
            )
        )
    if kind == "person":
        return Identifier(
            person=PersonIdentifier(
                name=fields.get("name", ""), birth_date=fields.get("birth_date", "")
            )
        )
    if kind not in PLAIN:
        raise BadIdentifierError(", ".join(KINDS))
    found = Identifier()
    setattr(found, kind, fields.get(kind, ""))
    return found
