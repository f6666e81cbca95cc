"""The carrier's record of a line, from the proto."""

from collections.abc import Callable
from datetime import date
from functools import partial

from sekisho.domain import identifiers
from sekisho.domain.documents import ROOMS
from sekisho.domain.prefectures import prefecture
from sekisho.domain.sim_change import Holder, LineRecord
from sekisho.rpc.convert import enums, times
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import sim_change_pb2

MOST_NAME_CHARACTERS = 200
name: Callable[[str], str] = partial(identifiers.free_text, max_length=MOST_NAME_CHARACTERS)
"""Reads a name."""


def line_record(
    violations: Violations,
    prefix: str,
    message: sim_change_pb2.LineRecord,
    now: int,
    today: date,
) -> LineRecord:
    """Return the record; its fields are named below `prefix`, which ends in a dot.

    `now` is Unix milliseconds, `today` the day in Japan.
    """
    kind = enums.DOCUMENT_TYPES.get(message.document_type)
    number = message.document_number
    if number and kind is None:
        violations.add(f"{prefix}document_type", "expected the type of the document")
    elif number and kind is not None:
        number = violations.read(f"{prefix}document_number", ROOMS[kind].parse_number, number, "")
    home = message.home_prefecture
    if home:
        home = violations.read(f"{prefix}home_prefecture", prefecture, home, "")
    changed = {
        field.name: times.past_ms(violations, prefix + field.name, moment, now)
        for field, moment in message.ListFields()
        if field.name in _CHANGE_TIMES
    }
    return LineRecord(
        activation_date=times.past_day(
            violations, f"{prefix}activation_date", message.activation_date, today
        ),
        birth_date=times.past_day(violations, f"{prefix}birth_date", message.birth_date, today),
        name_kana=violations.read(f"{prefix}name_kana", name, message.name_kana, ""),
        document_type=kind,
        document_number=number,
        home_prefecture=home,
        locked=message.locked,
        holder=enums.HOLDERS.get(message.holder, Holder.CONSUMER),
        current_sim_on_network=(
            message.current_sim_on_network if message.HasField("current_sim_on_network") else None
        ),
        contact_changed_at=changed.get("contact_change_time"),
        address_changed_at=changed.get("address_change_time"),
        pin_changed_at=changed.get("pin_change_time"),
        password_changed_at=changed.get("password_change_time"),
    )


_CHANGE_TIMES = frozenset(
    {"contact_change_time", "address_change_time", "pin_change_time", "password_change_time"}
)
