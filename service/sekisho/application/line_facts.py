"""Facts about the line: the carrier's record and events against what stands at the counter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sekisho.application.ports.cache import KeyCounts, LineKnowledge, Observed
from sekisho.application.subject import Subject
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import NEVER_SECONDS, FactValue
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.names import kana_key
from sekisho.domain.prefectures import is_far
from sekisho.domain.sim_change import ChangeKind, Relationship, SimChange
from sekisho.domain.velocity import DAY_MS, RETENTION_MS, SECOND_MS, Attribute, Dimension

_EPOCH = date(1970, 1, 1).toordinal()
_FROM_RECORD = ("contact_change", "address_change", "pin_change", "password_change")
_FROM_EVENTS = ("lock_change", "loss_report", "call_forwarding", "fraud_report")

# An arriving number has no line here yet: nothing to compare with, and nothing that changed.
_PORT_IN: dict[str, FactValue] = {
    "line.known": True,
    "line.holder": "consumer",
    "line.locked": False,
    "line.age_days": 0,
    "line.current_sim_on_network": False,
    "line.birth_date_differs": False,
    "line.name_differs": False,
    "line.document_type_differs": False,
    "line.document_number_differs": False,
    "line.shop_far_from_home": False,
    "line.seconds_since_sim_change": NEVER_SECONDS,
    **{f"line.seconds_since_{what}": NEVER_SECONDS for what in (*_FROM_RECORD, *_FROM_EVENTS)},
}


def line_facts(
    change: SimChange,
    subject: Subject,
    observed: Observed,
    told: LineKnowledge | None,
    shop_prefecture: str,
    fingerprinter: Fingerprinter,
    now: int,
) -> tuple[dict[str, FactValue], list[MissingSignal]]:
    """Return the line's known facts, and what is missing.

    `told` is the record that a gateway sent with the request; a terminal's claim is not passed.
    """
    claimed: FactValue = change.line_record is not None and told is None
    if change.kind is ChangeKind.MNP_PORT_IN:
        return {**_PORT_IN, "line.claimed": claimed}, []
    facts: dict[str, FactValue] = {"line.claimed": claimed}
    missing: list[MissingSignal] = []
    unreadable = next((m.cause for m in observed.missing if m.signal == "line"), None)
    if unreadable is None:
        kept = observed.line or LineKnowledge(revision=0, has_record=False)
        known = _merged(kept, told)
        for what in _FROM_EVENTS:
            facts[f"line.seconds_since_{what}"] = _seconds_since(known.changed_at.get(what), now)
        _sim_change(facts, known, observed.counts, now)
    elif told is not None:
        known = told
    else:
        return facts, []
    facts["line.known"] = known.has_record
    if not known.has_record:
        missing.append(MissingSignal("line", MissingCause.NOT_SUPPLIED))
        return facts, missing
    facts["line.holder"] = known.holder
    facts["line.locked"] = known.locked
    if known.activation_day is None:
        missing.append(MissingSignal("line.age_days", MissingCause.NOT_SUPPLIED))
    else:
        facts["line.age_days"] = max(0, now // DAY_MS - known.activation_day)
    if known.current_sim_on_network is None:
        missing.append(MissingSignal("line.current_sim_on_network", MissingCause.NOT_SUPPLIED))
    else:
        facts["line.current_sim_on_network"] = known.current_sim_on_network
    for what in _FROM_RECORD:
        facts[f"line.seconds_since_{what}"] = _seconds_since(known.changed_at.get(what), now)
    facts.update(_differences(change, subject, known, fingerprinter))
    facts["line.shop_far_from_home"] = bool(
        known.home_prefecture and shop_prefecture and is_far(known.home_prefecture, shop_prefecture)
    )
    return facts, missing


def _merged(kept: LineKnowledge, told: LineKnowledge | None) -> LineKnowledge:
    """What the gateway says now, with the later of each change from either source.

    A lock counts whoever set it: the fraud team's is no part of the carrier's record, and holds
    until the event that lifts it.
    """
    if told is None:
        return kept
    if not kept.changed_at and not kept.locked:
        return told
    changed_at = dict(kept.changed_at)
    for what, at in told.changed_at.items():
        changed_at[what] = max(at, changed_at.get(what, at))
    return replace(told, changed_at=changed_at, locked=told.locked or kept.locked)


def _differences(
    change: SimChange, subject: Subject, known: LineKnowledge, fingerprinter: Fingerprinter
) -> dict[str, FactValue]:
    """Compare applicant and documents with the record; only a subscriber in person must agree."""
    in_person = change.applicant.relationship is Relationship.SUBSCRIBER
    comparable = in_person and known.holder == "consumer"
    kana = kana_key(change.applicant.name_kana)
    types = {document.type.value for document in change.documents}
    shown = {key for dimension, key in subject.attempt.keys if dimension is Dimension.DOCUMENT}
    same_type = known.document_type in types
    return {
        "line.birth_date_differs": comparable
        and known.birth_date is not None
        and known.birth_date != subject.attempt.attributes[Attribute.BIRTH_DATE],
        "line.name_differs": comparable
        and known.name_kana is not None
        and bool(kana)
        and known.name_kana != fingerprinter.fingerprint("name_kana", kana),
        "line.document_type_differs": comparable and bool(known.document_type) and not same_type,
        "line.document_number_differs": comparable
        and same_type
        and known.document is not None
        and known.document not in shown,
    }


def _sim_change(
    facts: dict[str, FactValue], known: LineKnowledge, counts: Sequence[KeyCounts], now: int
) -> None:
    """The last SIM change is known only if the changes that went through sekisho are."""
    for key in counts:
        if key.dimension is not Dimension.LINE or key.covered_from is None:
            continue
        elsewhere = known.changed_at.get("sim_change")
        here = key.last_completed_at
        latest = max((at for at in (elsewhere, here) if at is not None), default=None)
        if latest is not None or key.covered_from <= now - RETENTION_MS:
            facts["line.seconds_since_sim_change"] = _seconds_since(latest, now)


def _seconds_since(at: int | None, now: int) -> int:
    return NEVER_SECONDS if at is None else max(0, now - at) // SECOND_MS


def reissue_facts(
    reissue: int | None,
    counts: Sequence[KeyCounts],
    subject: Subject,
    known: LineKnowledge | None,
    complete: bool,
) -> dict[str, FactValue]:
    """Compare a licence's reissue digit with the highest one seen before or on file.

    `complete` False: the cache could not tell what was seen before, so only a difference that
    shows already is known. The digit goes 9 to 1, so a low one after a 9 says nothing.
    """
    if reissue is None:
        return {"document.superseded": False, "document.reissue_raised": False}
    seen = [
        key.highest_reissue
        for key in counts
        if key.dimension is Dimension.DOCUMENT and key.highest_reissue is not None
    ]
    shown = {key for dimension, key in subject.attempt.keys if dimension is Dimension.DOCUMENT}
    if known is not None and known.document in shown and known.document_reissue is not None:
        seen.append(known.document_reissue)
    highest = max(seen, default=reissue)
    wrapped = highest >= 8 and reissue <= 2
    if complete or highest > reissue:
        return {
            "document.superseded": highest > reissue and not wrapped,
            "document.reissue_raised": bool(seen) and highest < reissue,
        }
    return {}
