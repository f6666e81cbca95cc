"""Numbers of documents without a grammar that could be checked."""

import re
import unicodedata

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import refuse_individual_number

MOST_CHARACTERS = 40

_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


def parse(raw: str) -> str:
    """Return the letters and digits of any script, in upper case; empty stays empty.

    Raises MalformedIdentifierError where none is left, for more than 40, and for any
    free-standing 12-digit number, as an Individual Number has.
    """
    if not raw:
        return raw
    refuse_individual_number(raw)
    number = _NEITHER_LETTER_NOR_DIGIT.sub("", unicodedata.normalize("NFKC", raw).upper())
    if not 1 <= len(number) <= MOST_CHARACTERS:
        raise MalformedIdentifierError(
            f"expected a document number of 1 to {MOST_CHARACTERS} letters and digits"
        )
    # Once more without the punctuation, which a careless typist may put between the groups.
    refuse_individual_number(number)
    return number
