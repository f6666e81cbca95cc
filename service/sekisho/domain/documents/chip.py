"""What a document's chip says, whichever document carries it."""

from sekisho.domain.sim_change import Chip, ChipField, ChipOutcome, ChipSignature, IdentityDocument
from sekisho.domain.value import value

_TELLING = frozenset(ChipField) - {ChipField.ADDRESS}
"""Fields in which chip and print do not differ for honest reasons: holders move."""

_PIN_PROBLEMS = frozenset({ChipOutcome.PIN_REFUSED, ChipOutcome.PIN_LOCKED})


@value(kw_only=True)
class ChipSignals:
    """The chip's part of a document's signals; the defaults are those of a document without one."""

    expected: bool = False
    outcome: ChipOutcome = ChipOutcome.ABSENT
    read: bool = False
    verified: bool = False
    absent: bool = False
    unreadable: bool = False
    signature_invalid: bool = False
    differs: bool = False
    address_differs: bool = False
    pin_problem: bool = False
    pinless_area_unread: bool = False
    pinless_dates_differ: bool = False


NO_CHIP = ChipSignals()
"""A document that carries no chip, whatever the terminal says of one."""


def pinless_area_read(chip: Chip) -> bool:
    """Whether the area that needs no PIN was read: said so, or shown by what it gave.

    Not said and nothing shown is not read.
    """
    if chip.pinless_area_read is None:
        return bool(chip.pinless_issue_date or chip.pinless_expiry_date or chip.face_image_digest)
    return chip.pinless_area_read


def chip_signals(
    document: IdentityDocument, *, expected: bool = True, compare_dates: bool = False
) -> ChipSignals:
    """Return the chip's signals.

    `expected`: a document of this type must carry a chip. `compare_dates`: the dates in the
    area without PIN are those that the document also prints.
    """
    chip = document.chip
    outcome = chip.outcome
    read = outcome is ChipOutcome.READ
    differs = not _TELLING.isdisjoint(chip.differs_from_print)
    dates_differ = compare_dates and (
        _differ(chip.pinless_issue_date, document.issue_date)
        or _differ(chip.pinless_expiry_date, document.expiry_date)
    )
    pin_problem = outcome in _PIN_PROBLEMS
    return ChipSignals(
        expected=expected,
        outcome=outcome,
        read=read,
        verified=read
        and chip.signature is ChipSignature.VALID
        and not differs
        and not dates_differ,
        absent=expected and outcome is ChipOutcome.ABSENT,
        unreadable=outcome is ChipOutcome.FAILED and not pinless_area_read(chip),
        signature_invalid=chip.signature is ChipSignature.INVALID,
        differs=differs,
        address_differs=ChipField.ADDRESS in chip.differs_from_print,
        pin_problem=pin_problem,
        pinless_area_unread=pin_problem and not pinless_area_read(chip),
        pinless_dates_differ=dates_differ,
    )


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other
