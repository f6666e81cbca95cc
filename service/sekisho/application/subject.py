"""The subject of an assessment: every identity in a request, as pseudonyms."""

from collections.abc import Sequence
from typing import Final

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
from sekisho.domain.sim_change import Applicant, Counter, IdentityDocument, SimChange
from sekisho.domain.value import value
from sekisho.domain.velocity import Attribute, Dimension

# An ordinary request reads each of these: a module constant costs a third of an enum's attribute.
_LINE: Final = Dimension.LINE
_DOCUMENT: Final = Dimension.DOCUMENT
_FACE: Final = Dimension.FACE
_DEVICE: Final = Dimension.DEVICE
_SIM: Final = Dimension.SIM
_CONTACT: Final = Dimension.CONTACT
_APPLICANT: Final = Dimension.APPLICANT
_SHOP: Final = Dimension.SHOP
_TERMINAL: Final = Dimension.TERMINAL
_CLERK: Final = Dimension.CLERK
_OF_LINE: Final = Attribute.LINE
_OF_DOCUMENT: Final = Attribute.DOCUMENT
_OF_DEVICE: Final = Attribute.DEVICE
_OF_SIM: Final = Attribute.SIM
_OF_CONTACT: Final = Attribute.CONTACT
_OF_SHOP: Final = Attribute.SHOP
_OF_CLERK: Final = Attribute.CLERK
_OF_BIRTH_DATE: Final = Attribute.BIRTH_DATE

DEVICE_DIGITS = 14
"""An IMEI and an IMEISV of one device agree in these; a check digit or version follows."""


@value
class Subject:
    """What the cache counts and looks up, and what the ledger keeps, of one request."""

    line: Fingerprint
    attempt: Try
    watched: tuple[Watched, ...]
    identifiers: tuple[KeptIdentifier, ...]


class _Gathered:
    """What one request names, as it is found."""

    __slots__ = ("attributes", "kept", "keys", "watched")

    def __init__(self) -> None:
        self.keys: list[tuple[Dimension, Fingerprint]] = []
        self.attributes: dict[Attribute, Fingerprint] = {}
        self.kept: list[KeptIdentifier] = []
        self.watched: list[Watched] = []

    def add(
        self, dimension: Dimension, attribute: Attribute, key: Fingerprint, masked: str
    ) -> None:
        """Take what is counted, kept and looked up as one and the same."""
        self.keys.append((dimension, key))
        self.attributes[attribute] = key
        self.kept.append(KeptIdentifier(dimension.value, masked, key))
        self.watched.append(Watched(dimension.value, key, False))

    def count(self, dimension: Dimension, key: Fingerprint) -> None:
        """Count along what two documents may have in common."""
        if (dimension, key) not in self.keys:
            self.keys.append((dimension, key))


class Identify:
    """Makes the subject of a request."""

    def __init__(self, fingerprinter: Fingerprinter) -> None:
        self._of = fingerprinter.fingerprint
        self._try_id = fingerprinter.try_id

    def __call__(self, change: SimChange, counter: Counter, request_id: str, now: int) -> Subject:
        """Return the subject; `now` (Unix ms) is when the try is counted."""
        of, shop, found = self._of, counter.shop, _Gathered()
        line = of("msisdn", change.msisdn)
        found.add(_LINE, _OF_LINE, line, mask_tail(change.msisdn))
        for document in change.documents:
            self._document(found, document, change.applicant)
        sim = change.iccid or change.eid
        if sim:
            kind = "iccid" if change.iccid else "eid"
            found.add(_SIM, _OF_SIM, of(kind, sim), mask_tail(sim))
        if change.imei:
            device = of("imei", change.imei[:DEVICE_DIGITS])
            found.add(_DEVICE, _OF_DEVICE, device, mask_tail(change.imei))
        contact = change.contact
        if contact:
            found.add(_CONTACT, _OF_CONTACT, of("contact", contact), mask_contact(contact))
            if contact.startswith("+"):
                found.watched.append(Watched("contact", of("msisdn", contact), False))
        self._applicant(found, change)
        found.attributes[_OF_SHOP] = of("shop", shop)
        clerk = of("clerk", f"{shop}/{change.clerk}")
        found.attributes[_OF_CLERK] = clerk
        found.kept.append(KeptIdentifier("clerk", mask_tail(change.clerk, 2), clerk))
        terminal = of("terminal", f"{shop}/{counter.terminal}")
        found.keys += (
            (_SHOP, found.attributes[_OF_SHOP]),
            (_TERMINAL, terminal),
            (_CLERK, clerk),
        )
        return Subject(
            line=line,
            attempt=Try(
                try_id=self._try_id(shop, request_id),
                at=now,
                keys=tuple(found.keys),
                attributes=found.attributes,
                reissue=_reissue(change.documents),
            ),
            watched=tuple(found.watched),
            identifiers=tuple(found.kept),
        )

    def _document(self, found: _Gathered, document: IdentityDocument, applicant: Applicant) -> None:
        of, here = self._of, room(document.type)
        identity = here.velocity_identity(document, applicant)
        if identity is not None:
            key = of("holding", identity)
            found.count(_DOCUMENT, key)
            found.attributes.setdefault(_OF_DOCUMENT, key)
            found.kept.append(KeptIdentifier("document", here.masked(document), key))
        forms = _forms(document)
        cards = [Watched("document", of("document", form), weak) for form, weak in forms]
        if cards:
            number = forms[0][0].rpartition("|")[2]
            found.kept.append(KeptIdentifier("card", mask_tail(number), cards[0].fingerprint))
        found.watched += cards
        if document.chip.face_image_digest:
            found.count(_FACE, of("face", document.chip.face_image_digest.hex()))

    def _applicant(self, found: _Gathered, change: SimChange) -> None:
        of, applicant = self._of, change.applicant
        born = applicant.birth_date.isoformat()
        name = kana_key(applicant.name_kana) or person_key(applicant.name)
        person = of("applicant", f"{name}|{born}")
        found.keys.append((_APPLICANT, person))
        masked = f"{mask_name(applicant.name)} ({born[:4]})"
        found.kept.append(KeptIdentifier("applicant", masked, person))
        found.attributes[_OF_BIRTH_DATE] = of("birth_date", born)
        names = [applicant.name, applicant.name_kana]
        names += [holder_name(d.mrz_lines) for d in change.documents if d.mrz_lines]
        found.watched += [
            Watched("applicant", of("person", form), weak)
            for form, weak in watched.person_forms(names, applicant.birth_date)
        ]


def _forms(document: IdentityDocument) -> Sequence[tuple[str, bool]]:
    """Return a document as watchlists name it: one card, where velocity counts its holder's."""
    number = document.number or document.chip.certificate_serial_number
    if not number:
        return ()
    try:
        return watched.document_forms(document.type, document.issuing_country, number)
    except MalformedIdentifierError:
        # A free-form number with no letter or digit can be on no list.
        return ()


def _reissue(documents: tuple[IdentityDocument, ...]) -> int | None:
    for document in documents:
        digit = reissue_digit(document)
        if digit is not None:
            return digit
    return None
