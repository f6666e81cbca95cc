"""The facts `change.*`: what a request says by itself."""

from datetime import date

from sekisho.domain.documents.dates import age
from sekisho.domain.facts import FactValue
from sekisho.domain.identifiers import eid_valid, iccid_valid, imei_valid
from sekisho.domain.sim_change import SimChange


def change_facts(change: SimChange, today: date, hour: int, weekday: int) -> dict[str, FactValue]:
    """Return every `change.*` fact. `today`, `hour` and ISO `weekday` are Japan's."""
    new_sim = "iccid" if change.iccid else "eid" if change.eid else "none"
    return {
        "change.kind": change.kind.value,
        "change.cause": change.cause.value,
        "change.relationship": change.applicant.relationship.value,
        "change.new_sim": new_sim,
        "change.sim_number_valid": (not change.iccid or iccid_valid(change.iccid))
        and (not change.eid or eid_valid(change.eid)),
        "change.device_number_valid": not change.imei or imei_valid(change.imei),
        "change.device_given": bool(change.imei),
        "change.contact_given": bool(change.contact),
        "change.hour": hour,
        "change.weekday": weekday,
        "change.applicant_age": age(change.applicant.birth_date, today),
    }
