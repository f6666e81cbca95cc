"""The identity documents, one room a document."""

from collections.abc import Mapping

from sekisho.domain.documents import (
    driving_licence,
    handbook,
    my_number_card,
    my_number_licence,
    other,
    passport,
    residence_card,
)
from sekisho.domain.documents.base import Room
from sekisho.domain.sim_change import DocumentType

ROOMS: Mapping[DocumentType, Room] = {
    DocumentType.DRIVING_LICENCE: driving_licence,
    DocumentType.MY_NUMBER_LICENCE: my_number_licence,
    DocumentType.MY_NUMBER_CARD: my_number_card,
    DocumentType.RESIDENCE_CARD: residence_card,
    DocumentType.SPECIAL_PERMANENT_RESIDENT_CERTIFICATE: residence_card,
    DocumentType.PASSPORT: passport,
    DocumentType.PHYSICAL_DISABILITY_HANDBOOK: handbook,
    DocumentType.MENTAL_DISABILITY_HANDBOOK: handbook,
    DocumentType.INTELLECTUAL_DISABILITY_HANDBOOK: handbook,
    DocumentType.OTHER: other,
}
"""Every kind of document and its module."""


def room(document_type: DocumentType) -> Room:
    """Return the module of a kind of document."""
    return ROOMS[document_type]
