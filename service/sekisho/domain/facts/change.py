"""Facts about what was asked."""

from sekisho.domain.facts.declaration import Fact, FactType, texts
from sekisho.domain.sim_change import Cause, ChangeKind, Relationship

_B = FactType.BOOL
_I = FactType.INT
_S = FactType.STRING

CHANGE_FACTS = (
    Fact(
        "change.kind",
        _S,
        "What is to be done to the line, for example `sim_reissue`.",
        values=texts(ChangeKind),
    ),
    Fact("change.cause", _S, "The stated cause, for example `lost`.", values=texts(Cause)),
    Fact(
        "change.relationship",
        _S,
        "Whom the applicant acts for: subscriber, family_member or agent.",
        values=texts(Relationship),
    ),
    Fact(
        "change.new_sim",
        _S,
        "The SIM that the line moves to: iccid, eid or none.",
        values=("iccid", "eid", "none"),
    ),
    Fact(
        "change.sim_number_valid", _B, "The new SIM's check digits hold; true where there is none."
    ),
    Fact(
        "change.device_number_valid",
        _B,
        "The device's check digit holds; true where none is given.",
    ),
    Fact("change.device_given", _B, "The request names a device."),
    Fact("change.contact_given", _B, "The applicant offered a contact."),
    Fact("change.hour", _I, "Hour of the day in Japan, 0 to 23.", unit="h"),
    Fact("change.weekday", _I, "ISO weekday in Japan, 1 Monday to 7 Sunday."),
    Fact("change.applicant_age", _I, "The applicant's age.", unit="years"),
)
