"""What a declaration of a fact says."""

from enum import StrEnum

from sekisho.domain.value import value

FactValue = bool | int | float | str | tuple[str, ...]

NEVER_SECONDS = 100 * 365 * 86_400
"""The neutral value of `seconds since`: it never happened."""


class FactType(StrEnum):
    """The type of a fact, by its name in CEL."""

    BOOL = "bool"
    INT = "int"
    DOUBLE = "double"
    STRING = "string"
    STRINGS = "list<string>"


@value
class Fact:
    """A declaration: name, type, unit, meaning, and when the value is unknown."""

    name: str
    type: FactType
    meaning: str
    unknown_when: str = "never"
    unit: str = ""
    values: tuple[str, ...] = ()
    """The only texts that it can hold, where they are fixed."""


def texts(kind: type[StrEnum]) -> tuple[str, ...]:
    """Return the texts of an enumeration, for `values`."""
    return tuple(member.value for member in kind)
