"""What every document's room offers."""

from datetime import date
from typing import Protocol

from sekisho.domain.documents.chip import ChipSignals
from sekisho.domain.sim_change import Applicant, DocumentType, IdentityDocument
from sekisho.domain.value import value


@value(kw_only=True)
class DocumentSignals:
    """What one document says, behind the facts `document.*`.

    What does not apply to a document keeps the value declared here; so does what a date left
    out makes impossible to judge, which `dates_missing` tells.
    """

    chip: ChipSignals
    identified: bool
    """It has a number, a certificate or a face image to be counted by."""
    accepted_alone: bool = True
    """Nothing in the document itself speaks against accepting it alone."""
    number_valid: bool = True
    first_year_consistent: bool = True
    expiry_consistent: bool = True
    term_consistent: bool = True
    days_since_expiry: int = 0
    """The document's own extension taken off; the carrier's days of grace are not."""
    dates_missing: bool = False
    """It must carry an expiry date and came without one."""
    gold_too_early: bool = False
    my_number_card_chip_unread: bool = False
    has_certificate: bool = False
    """It carries a certificate that a verifier can be asked about."""
    mrz_valid: bool = True
    mrz_agrees: bool = True


class Room(Protocol):
    """One document's module."""

    def parse_number(self, raw: str) -> str:
        """Return the normalised number; empty stays empty.

        Raises MalformedIdentifierError where the grammar does not fit, or the number may be
        an Individual Number. A wrong check digit is a fact and passes.
        """

    def card_identity(self, document: IdentityDocument) -> str | None:
        """Return the identity of this very card, for watchlists; None where it has no number.

        A personal identifier: only ever fingerprinted.
        """

    def velocity_identity(self, document: IdentityDocument, applicant: Applicant) -> str | None:
        """Return the identity that tries are counted by; None where there is nothing to tell.

        A personal identifier: only ever fingerprinted.
        """

    def masked(self, document: IdentityDocument) -> str:
        """Return the document's identity masked for people."""

    def signals(
        self, document: IdentityDocument, applicant: Applicant, today: date
    ) -> DocumentSignals:
        """Return what the document says; `today` is Japan's date."""


JAPAN = "JPN"


def identity(document_type: DocumentType, *parts: str) -> str:
    """Return the canonical identity: type and parts, joined by `|`."""
    return "|".join((document_type.value, *parts))


def numbered_identity(document: IdentityDocument, country: str = JAPAN) -> str | None:
    """Return type, country and number; None without a number.

    A document that only Japan issues is Japan's, whatever country the terminal sent: else one
    card could be shown as many.
    """
    return identity(document.type, country, document.number) if document.number else None
