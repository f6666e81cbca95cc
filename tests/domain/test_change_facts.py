"""The facts `change.*`."""

from datetime import date

import pytest

from sekisho.domain.change_facts import change_facts
from sekisho.domain.facts import FACTS, FactType, FactValue
from sekisho.domain.sim_change import Cause, ChangeKind, Relationship, SimChange
from tests.domain.builders import TODAY, applicant, sim_change


def facts(change: SimChange) -> dict[str, FactValue]:
    return change_facts(change, TODAY, hour=13, weekday=2)


def test_an_ordinary_change_has_every_declared_fact_and_no_other() -> None:
    found = facts(sim_change())
    assert found == {
        "change.kind": "sim_reissue",
        "change.cause": "lost",
        "change.relationship": "subscriber",
        "change.new_sim": "iccid",
        "change.sim_number_valid": True,
        "change.device_number_valid": True,
        "change.device_given": True,
        "change.contact_given": False,
        "change.hour": 13,
        "change.weekday": 2,
        "change.applicant_age": 36,
    }
    assert set(found) == {name for name in FACTS if name.startswith("change.")}
    python = {FactType.BOOL: bool, FactType.INT: int, FactType.STRING: str}
    assert all(type(value) is python[FACTS[name].type] for name, value in found.items())


@pytest.mark.parametrize(
    ("change", "fact", "value"),
    [
        (sim_change(iccid="8981100022152967704"), "change.sim_number_valid", False),
        (
            sim_change(iccid="", eid="89001012012341234012345678901224"),
            "change.sim_number_valid",
            True,
        ),
        (
            sim_change(iccid="", eid="89001012012341234012345678901225"),
            "change.sim_number_valid",
            False,
        ),
        (sim_change(iccid=""), "change.sim_number_valid", True),
        (sim_change(iccid=""), "change.new_sim", "none"),
        (
            sim_change(iccid="", eid="89001012012341234012345678901224"),
            "change.new_sim",
            "eid",
        ),
        (sim_change(imei="490154203237517"), "change.device_number_valid", False),
        (sim_change(imei="4901542032375170"), "change.device_number_valid", True),
        (sim_change(imei=""), "change.device_number_valid", True),
        (sim_change(imei=""), "change.device_given", False),
        (sim_change(contact="a@example.jp"), "change.contact_given", True),
        (sim_change(kind=ChangeKind.MNP_PORT_OUT), "change.kind", "mnp_port_out"),
        (sim_change(cause=Cause.UPGRADE), "change.cause", "upgrade"),
        (
            sim_change(applicant=applicant(relationship=Relationship.AGENT)),
            "change.relationship",
            "agent",
        ),
        (
            sim_change(applicant=applicant(birth_date=date(2008, 11, 24))),
            "change.applicant_age",
            18,
        ),
        (
            sim_change(applicant=applicant(birth_date=date(2008, 11, 25))),
            "change.applicant_age",
            17,
        ),
    ],
)
def test_a_fact_follows_the_change(change: SimChange, fact: str, value: FactValue) -> None:
    assert facts(change)[fact] == value
