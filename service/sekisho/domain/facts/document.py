"""Facts about the documents shown."""

from sekisho.domain.facts.declaration import Fact, FactType, texts
from sekisho.domain.sim_change import ChipOutcome, DocumentType, FaceComparison, JpkiResult

_B = FactType.BOOL
_I = FactType.INT
_S = FactType.STRING
_L = FactType.STRINGS
_NO_CACHE = "the cache is away, skewed, or behind the ledger"

DOCUMENT_FACTS = (
    Fact(
        "document.types",
        _L,
        "Types of the documents shown, for example `driving_licence`.",
        values=texts(DocumentType),
    ),
    Fact("document.count", _I, "Documents shown."),
    Fact("document.accepted", _B, "At least one document is one that this carrier accepts alone."),
    Fact(
        "document.identified",
        _B,
        "Every document has an identity to count by: number, certificate or face.",
    ),
    Fact(
        "document.number_valid",
        _B,
        "Every number fits its check digit and grammar; true where there is none.",
    ),
    Fact(
        "document.invalid_number_typed",
        _B,
        "A number that fails its check was typed: ask to enter it again.",
    ),
    Fact(
        "document.invalid_number_machine_read",
        _B,
        "A number that fails its check was scanned or read from a chip.",
    ),
    Fact(
        "document.first_year_consistent",
        _B,
        "A licence's first year fits the birth and issue dates.",
    ),
    Fact(
        "document.expiry_consistent",
        _B,
        "Expiry dates fit the birth date by the document's own rule.",
    ),
    Fact(
        "document.term_consistent",
        _B,
        "Issue to expiry is within the document's term; no issue date is late or in the future.",
    ),
    Fact(
        "document.dates_missing", _B, "A document that must carry an expiry date came without one."
    ),
    Fact(
        "document.expired",
        _B,
        "A document has expired (days of grace by the document's own rule apart).",
    ),
    Fact(
        "document.days_since_expiry",
        _I,
        "The most days since a document expired; 0 where none has.",
        unit="days",
    ),
    Fact(
        "document.gold_too_early",
        _B,
        "A gold licence whose first year is less than five years before issue.",
    ),
    Fact("document.chip_expected", _B, "A document shown carries a chip by its type."),
    Fact(
        "document.chip_outcome",
        _S,
        "The main document's chip: absent, not_attempted, read, failed, pin_refused or pin_locked.",
        values=texts(ChipOutcome),
    ),
    Fact("document.chip_read", _B, "At least one chip was read."),
    Fact(
        "document.chip_verified",
        _B,
        "At least one chip was read, its signature is valid, and print agrees.",
    ),
    Fact("document.chip_absent", _B, "A document that must have a chip has none."),
    Fact("document.chip_unreadable", _B, "A chip failed altogether: no PIN excuse, nothing read."),
    Fact("document.chip_signature_invalid", _B, "A chip's signature is invalid."),
    Fact(
        "document.chip_differs",
        _B,
        "Chip and print differ in name, birth date, number, a date or the portrait.",
    ),
    Fact("document.chip_address_differs", _B, "Chip and print differ in the address."),
    Fact("document.pin_problem", _B, "A PIN was refused or is locked."),
    Fact(
        "document.pinless_area_unread",
        _B,
        "A PIN was refused or locked, and the area that needs none was not read either.",
    ),
    Fact(
        "document.pinless_dates_differ",
        _B,
        "A licence's dates in the area without PIN differ from print.",
    ),
    Fact(
        "document.my_number_card_chip_unread",
        _B,
        "A My Number Card is shown and its chip was not read.",
    ),
    Fact(
        "document.face_comparison",
        _S,
        "The worst face comparison: no_match, inconclusive, not_done or match.",
        values=texts(FaceComparison),
    ),
    Fact(
        "document.jpki_result",
        _S,
        "The worst certificate result: invalid, revoked, expired, not_checked or valid.",
        values=texts(JpkiResult),
    ),
    Fact(
        "document.mrz_valid",
        _B,
        "Every passport's MRZ is there and its check digits hold; true without a passport.",
    ),
    Fact(
        "document.mrz_agrees",
        _B,
        "The MRZ agrees with number, birth date and expiry; true where there is none.",
    ),
    Fact(
        "document.superseded",
        _B,
        "A licence's reissue digit is lower than seen before or on file: a newer card exists.",
        _NO_CACHE,
    ),
    Fact(
        "document.reissue_raised",
        _B,
        "A licence's reissue digit is higher than seen before or on file.",
        _NO_CACHE,
    ),
)
