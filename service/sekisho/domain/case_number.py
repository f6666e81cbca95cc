"""The case number, for the telephone: seven characters and a check character."""

from operator import mul

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.text import normalise_identifier

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 characters, a prime number of them: without 0, 1, I, L and O."""
LENGTH = 8
FEWEST_BYTES = 8

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_BASE = len(ALPHABET)
# All different and none 0, modulo a prime: so every single wrong character and every swap of
# two, neighbours or not, changes the weighted sum. The last weighs the check character.
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 1)


def make(random_bytes: bytes) -> str:
    """Make a case number of at least 8 random bytes: the same one of the same bytes.

    There are 31^7, about 27.5 thousand million. Raises ValueError for fewer bytes, which would
    favour some of them.
    """
    if len(random_bytes) < FEWEST_BYTES:
        raise ValueError(f"a case number needs {FEWEST_BYTES} bytes or more")
    number = int.from_bytes(random_bytes)
    values = []
    for _ in range(LENGTH - 1):
        number, value = divmod(number, _BASE)
        values.append(value)
    values.append(-sum(map(mul, _WEIGHTS, values)) % _BASE)
    return "".join(ALPHABET[value] for value in values)


def parse(raw: str) -> str:
    """Return a case number as read out or typed: either case, with or without spaces and hyphens.

    Raises MalformedIdentifierError, also where the check character does not fit.
    """
    value = normalise_identifier(raw).upper()
    values = [_VALUES.get(character, -1) for character in value]
    if len(values) != LENGTH or -1 in values:
        raise MalformedIdentifierError(
            f"expected a case number of {LENGTH} letters and digits, without 0, 1, I, L and O"
        )
    if sum(map(mul, _WEIGHTS, values)) % _BASE:
        raise MalformedIdentifierError(
            "expected a case number whose check character fits: a character may be misheard"
        )
    return value
