"""Facts about the line."""

from sekisho.domain.facts.declaration import NEVER_SECONDS, Fact, FactType, texts
from sekisho.domain.sim_change import Holder

_B = FactType.BOOL
_I = FactType.INT
_S = FactType.STRING
_NO_CACHE = "the cache is away, skewed, or behind the ledger"
_NO_LINE = "no record of the line came from the carrier, or the cache is away"

LINE_FACTS = (
    Fact(
        "line.known",
        _B,
        "The carrier's record of the line is known; true for MNP port-in, where there is none.",
        _NO_CACHE,
    ),
    Fact("line.claimed", _B, "A terminal sent a record of the line, which does not count."),
    Fact("line.holder", _S, "consumer or corporate.", _NO_LINE, values=texts(Holder)),
    Fact("line.locked", _B, "SIM changes are locked on this line.", _NO_LINE),
    Fact("line.age_days", _I, "Days since activation.", _NO_LINE, "days"),
    Fact(
        "line.current_sim_on_network",
        _B,
        "The current SIM is on the network now.",
        "no record of the line, or the record does not say",
    ),
    Fact(
        "line.birth_date_differs",
        _B,
        "The birth date on file is not the applicant's (judged for subscribers in person).",
        _NO_LINE,
    ),
    Fact(
        "line.name_differs",
        _B,
        "The kana name on file is not the applicant's (judged for subscribers in person).",
        _NO_LINE,
    ),
    Fact(
        "line.document_type_differs",
        _B,
        "No document shown is of the type on file (judged for subscribers in person).",
        _NO_LINE,
    ),
    Fact(
        "line.document_number_differs",
        _B,
        "A document of the type on file has another number (judged for subscribers in person).",
        _NO_LINE,
    ),
    Fact(
        "line.shop_far_from_home",
        _B,
        "The shop is neither in the home prefecture nor next to it; false if either is unknown.",
        _NO_LINE,
    ),
    *(
        Fact(
            f"line.seconds_since_{what}",
            _I,
            f"Seconds since {text}; {NEVER_SECONDS} for never.",
            _NO_LINE,
            "s",
        )
        for what, text in (
            ("contact_change", "the contact on file was changed"),
            ("address_change", "the address was changed"),
            ("pin_change", "the network PIN was changed or reset"),
            ("password_change", "the self-care password was changed or reset"),
            ("lock_change", "a lock was set or lifted"),
            ("loss_report", "a loss was reported"),
            ("call_forwarding", "call forwarding was set"),
            ("sim_change", "the SIM was last changed, through sekisho or elsewhere"),
            ("fraud_report", "the customer reported fraud"),
        )
    ),
)
