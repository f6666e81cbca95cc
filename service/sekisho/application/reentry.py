"""Which numbers of a request a clerk should enter again."""

from datetime import date

from sekisho.domain import identifiers
from sekisho.domain.documents import room
from sekisho.domain.sim_change import Capture, SimChange


def reentry_fields(change: SimChange, today: date) -> tuple[str, ...]:
    """Return the paths of the typed numbers that fail their check; `today` is Japan's date."""
    fields: list[str] = []
    if change.iccid and not identifiers.iccid_valid(change.iccid):
        fields.append("sim_change.iccid")
    if change.eid and not identifiers.eid_valid(change.eid):
        fields.append("sim_change.eid")
    if change.imei and not identifiers.imei_valid(change.imei):
        fields.append("sim_change.imei")
    for index, document in enumerate(change.documents):
        typed = document.captures.number is Capture.TYPED
        signals = room(document.type).signals(document, change.applicant, today)
        if typed and not signals.number_valid:
            fields.append(f"sim_change.documents[{index}].number")
    return tuple(fields)
