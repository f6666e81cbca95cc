"""A carrier's record of a line, turned into what the cache and the ledger may keep of it."""

from datetime import date

from sekisho.application.ports.cache import LineKnowledge
from sekisho.domain.documents import room
from sekisho.domain.documents.driving_licence import reissue_digit
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.names import kana_key
from sekisho.domain.sim_change import Applicant, IdentityDocument, LineRecord, Relationship

_EPOCH = date(1970, 1, 1).toordinal()


def knowledge_of(
    record: LineRecord, fingerprinter: Fingerprinter, revision: int = 0
) -> LineKnowledge:
    """Return the record with its identifiers as pseudonyms."""
    of = fingerprinter.fingerprint
    document: bytes | None = None
    reissue: int | None = None
    if record.document_type is not None and record.document_number:
        on_file = IdentityDocument(type=record.document_type, number=record.document_number)
        subscriber = Applicant(
            name="",
            name_kana=record.name_kana,
            birth_date=record.birth_date or date.min,
            relationship=Relationship.SUBSCRIBER,
        )
        identity = room(on_file.type).velocity_identity(on_file, subscriber)
        document = of("holding", identity) if identity else None
        reissue = reissue_digit(on_file)
    name = kana_key(record.name_kana)
    changed_at = {
        what: at
        for what, at in (
            ("contact_change", record.contact_changed_at),
            ("address_change", record.address_changed_at),
            ("pin_change", record.pin_changed_at),
            ("password_change", record.password_changed_at),
        )
        if at is not None
    }
    return LineKnowledge(
        revision=revision,
        has_record=True,
        activation_day=(
            record.activation_date.toordinal() - _EPOCH if record.activation_date else None
        ),
        birth_date=of("birth_date", record.birth_date.isoformat()) if record.birth_date else None,
        name_kana=of("name_kana", name) if name else None,
        document_type=record.document_type.value if record.document_type else "",
        document=document,
        document_reissue=reissue,
        home_prefecture=record.home_prefecture,
        locked=record.locked,
        holder=record.holder.value,
        current_sim_on_network=record.current_sim_on_network,
        changed_at=changed_at,
    )
