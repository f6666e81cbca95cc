"""The subject of an assessment: every identity in a request, as pseudonyms."""

from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Try, Watched
from sekisho.application.ports.ledger import KeptIdentifier
from sekisho.domain import watched
from sekisho.domain.documents import room
from sekisho.domain.documents.driving_licence import reissue_digit
from sekisho.domain.documents.mrz import holder_name
from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.masking import mask_contact, mask_name, mask_tail
from sekisho.domain.names import kana_key, person_key
from sekisho.domain.sim_change import Counter, IdentityDocument, SimChange
from sekisho.domain.velocity import Attribute, Dimension

DEVICE_DIGITS = 14
"""An IMEI and an IMEISV of one device agree in these; a check digit or version follows."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What the cache counts and looks up, and what the ledger keeps, of one request."""

    line: Fingerprint
    attempt: Try
    watched: tuple[Watched, ...]
    identifiers: tuple[KeptIdentifier, ...]


class Identify:
    """Makes the subject of a request."""

    def __init__(self, fingerprinter: Fingerprinter) -> None:
        self._of = fingerprinter.fingerprint
        self._try_id = fingerprinter.try_id

    def __call__(self, change: SimChange, counter: Counter, request_id: str, now: int) -> Subject:
        """Return the subject; `now` (Unix ms) is when the try is counted."""
        of = self._of
        keys: list[tuple[Dimension, Fingerprint]] = []
        kept: list[KeptIdentifier] = []
        attributes: dict[Attribute, Fingerprint] = {}

        def count(
            dimension: Dimension, fingerprint: Fingerprint, attribute: Attribute | None = None
        ) -> Fingerprint:
            if (dimension, fingerprint) not in keys:
                keys.append((dimension, fingerprint))
            if attribute is not None:
                attributes.setdefault(attribute, fingerprint)
            return fingerprint

        def keep(role: str, masked: str, fingerprint: Fingerprint) -> None:
            kept.append(KeptIdentifier(role, masked, fingerprint))

        line = count(Dimension.LINE, of("msisdn", change.msisdn), Attribute.LINE)
        keep("line", mask_tail(change.msisdn), line)
        for document in change.documents:
            here = room(document.type)
            identity = here.velocity_identity(document, change.applicant)
            if identity is not None:
                key = count(Dimension.DOCUMENT, of("holding", identity), Attribute.DOCUMENT)
                keep("document", here.masked(document), key)
            card = _card(document)
            if card is not None:
                keep("card", card.masked, of(card.kind, card.canonical))
            if document.chip.face_image_digest:
                count(Dimension.FACE, of("face", document.chip.face_image_digest.hex()))
        sim = change.iccid or change.eid
        if sim:
            kind = "iccid" if change.iccid else "eid"
            keep("sim", mask_tail(sim), count(Dimension.SIM, of(kind, sim), Attribute.SIM))
        if change.imei:
            device = of("imei", change.imei[:DEVICE_DIGITS])
            keep("device", mask_tail(change.imei), device)
            count(Dimension.DEVICE, device, Attribute.DEVICE)
        if change.contact:
            contact = of("contact", change.contact)
            keep("contact", mask_contact(change.contact), contact)
            count(Dimension.CONTACT, contact, Attribute.CONTACT)
        applicant = change.applicant
        born = applicant.birth_date.isoformat()
        name = kana_key(applicant.name_kana) or person_key(applicant.name)
        person = count(Dimension.APPLICANT, of("applicant", f"{name}|{born}"))
        keep("applicant", f"{mask_name(applicant.name)} ({born[:4]})", person)
        attributes[Attribute.BIRTH_DATE] = of("birth_date", born)
        count(Dimension.SHOP, of("shop", counter.shop), Attribute.SHOP)
        count(Dimension.TERMINAL, of("terminal", f"{counter.shop}/{counter.terminal}"))
        clerk = of("clerk", f"{counter.shop}/{change.clerk}")
        keep("clerk", mask_tail(change.clerk, 2), count(Dimension.CLERK, clerk, Attribute.CLERK))
        return Subject(
            line=line,
            attempt=Try(
                try_id=self._try_id(counter.shop, request_id),
                at=now,
                keys=tuple(keys),
                attributes=attributes,
                reissue=_reissue(change.documents),
            ),
            watched=tuple(
                Watched(role, of(identifier.kind, identifier.canonical), identifier.weak)
                for role, identifier in _watched(change)
            ),
            identifiers=tuple(kept),
        )


def _card(document: IdentityDocument) -> watched.WatchedIdentifier | None:
    """Return a document as watchlists name it: one card, where velocity counts its holder's."""
    number = document.number or document.chip.certificate_serial_number
    if not number:
        return None
    try:
        return watched.document(document.type, document.issuing_country, number)
    except MalformedIdentifierError:
        # A free-form number with no letter or digit can be on no list.
        return None


def _reissue(documents: tuple[IdentityDocument, ...]) -> int | None:
    for document in documents:
        digit = reissue_digit(document)
        if digit is not None:
            return digit
    return None


def _watched(change: SimChange) -> Iterator[tuple[str, watched.WatchedIdentifier]]:
    """Every form in which a list may hold an identifier of this request, by role."""
    yield "line", watched.msisdn(change.msisdn)
    if change.iccid:
        yield "sim", watched.iccid(change.iccid)
    if change.eid:
        yield "sim", watched.eid(change.eid)
    if change.imei:
        yield "device", watched.imei(change.imei)
    if change.contact:
        yield "contact", watched.contact(change.contact)
        if change.contact.startswith("+"):
            yield "contact", watched.WatchedIdentifier("msisdn", change.contact, "")
    for document in change.documents:
        card = _card(document)
        if card is not None:
            number = document.number or document.chip.certificate_serial_number
            country = document.issuing_country
            yield "document", card
            yield "document", watched.document(document.type, "", number)
            yield "document", watched.document(None, country, number)
            yield "document", watched.document(None, "", number)
    born = change.applicant.birth_date.isoformat()
    people = {change.applicant.name, change.applicant.name_kana}
    people.update(holder_name(d.mrz_lines) for d in change.documents if d.mrz_lines)
    for name in sorted(filter(person_key, people)):
        yield "applicant", watched.person(name, born)
        yield "applicant", watched.person(name, born[:4])
