"""Everything that is wrong with a request, gathered before anything is answered."""

from collections.abc import Callable
from typing import Final, TypeVar

import protovalidate
from google.protobuf.message import Message

from sekisho.domain.errors import InvalidArgumentError, MalformedIdentifierError, Violation

Raw = TypeVar("Raw")
T = TypeVar("T")

# Built once: it compiles the rules of each message type at its first use and keeps them.
_VALIDATOR = protovalidate.Validator()


class Violations:
    """The violations of one request, each field once: the first judgement of a field stands.

    What the proto's own rules say comes first, so that a field that breaks them is not judged
    again by the domain.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    @classmethod
    def of(cls, message: Message) -> "Violations":
        """Begin with what the proto's own rules find wrong with `message`."""
        violations = cls()
        violations.add_rules_of(message)
        return violations

    def add_rules_of(self, message: Message, repeated: str = "", offset: int = 0) -> None:
        """Add what the proto's own rules find wrong with a part of a stream.

        The indexes of the field `repeated` go on from `offset`, the elements before this part.
        """
        for violation in _VALIDATOR.collect_violations(message):
            proto = violation.proto
            path = ""
            for element in proto.field.elements if proto.field else ():
                name = element.field_name
                path = f"{path}.{name}" if path else name
                # No map is ever sent in, so every subscript is an index.
                if element.subscript is not None and isinstance(element.subscript.value, int):
                    path += f"[{element.subscript.value + (offset if path == repeated else 0)}]"
            self.add(path, proto.message or proto.rule_id)

    def add(self, field: str, description: str) -> None:
        """Add a violation, unless the field has one."""
        self._found.setdefault(field, description)

    def read(self, field: str, parse: Callable[[Raw], T], raw: Raw, otherwise: T) -> T:
        """Return `parse(raw)`; where that fails, add its violation and return `otherwise`."""
        if self._found and field in self._found:
            return otherwise
        try:
            return parse(raw)
        except MalformedIdentifierError as error:
            self._found[field] = str(error)
            return otherwise

    def __contains__(self, field: str) -> bool:
        return field in self._found

    def __len__(self) -> int:
        return len(self._found)

    def refuse(self) -> None:
        """Raise InvalidArgumentError with all of them, where there is any."""
        if self._found:
            raise InvalidArgumentError(
                [Violation(field, description) for field, description in self._found.items()]
            )


class _Strict(Violations):
    """Raises MalformedIdentifierError at the first violation, and holds none."""

    __slots__ = ()

    def add(self, field: str, description: str) -> None:
        raise MalformedIdentifierError(description)

    def read(self, field: str, parse: Callable[[Raw], T], raw: Raw, otherwise: T) -> T:
        return parse(raw)


STRICT: Final = _Strict()
"""For a part of a request of which nearly every one is faultless: names are for those that are
not. Raises MalformedIdentifierError."""
