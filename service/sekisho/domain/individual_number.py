"""The Individual Number (マイナンバー), known only to be refused."""

import re
import unicodedata
from operator import mul

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.text import plain_separators

LENGTH = 12
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ZEROS = sum(_WEIGHTS) * ord("0")
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
_RUN = re.compile(r"[0-9](?:[ -]*[0-9])*")
_BETWEEN_GROUPS = re.compile(r"[ -]+")
# As the card prints it, whatever stands between the groups; the look-ahead lets matches overlap.
_PRINTED = re.compile(
    r"(?<![0-9])(?=([0-9]{4})[\W_]+([0-9]{4})[\W_]+([0-9]{4})(?![0-9]))", re.ASCII
)


def is_individual_number(digits: str) -> bool:
    """Whether `digits` are twelve ASCII digits whose last one checks the others.

    Twelve zeros pass the sum and are nobody's number: false.
    """
    if not _TWELVE_DIGITS.fullmatch(digits) or digits == "0" * LENGTH:
        return False
    remainder: int = (sum(map(mul, _WEIGHTS, digits.encode())) - _ZEROS) % 11
    return int(digits[-1]) == (0 if remainder <= 1 else 11 - remainder)


def refuse_individual_number(text: str) -> None:
    """Raise MalformedIdentifierError where free text may carry an Individual Number.

    Refused, after NFKC: any free-standing run of exactly twelve digits, with or without spaces
    and hyphens between them, whether or not its check digit holds; a group of twelve beside
    other digits; and, beside other digits or with any other punctuation, three groups of four
    whose check digit holds. Letters on either side do not make a number less free-standing:
    Japanese is written without spaces.
    """
    if len(text) < LENGTH and len(unicodedata.normalize("NFKC", text)) < LENGTH:
        return
    plain = plain_separators(text)
    for run in _RUN.findall(plain):
        lengths = [len(group) for group in _BETWEEN_GROUPS.split(run)]
        if sum(lengths) == LENGTH or LENGTH in lengths:
            raise _refusal()
    for groups in _PRINTED.findall(plain):
        if is_individual_number("".join(groups)):
            raise _refusal()


def _refusal() -> MalformedIdentifierError:
    return MalformedIdentifierError(
        "expected no free-standing 12-digit number: it may be an Individual Number,"
        " which must never be sent"
    )
