"""The order in which a decision stores the values of its facts."""

from collections.abc import Mapping, Sequence
from itertools import chain

from sekisho.adapters.sql.basis import digest
from sekisho.adapters.sql.wire import FactWire, decoder, encode
from sekisho.domain.facts import FACTS, NEVER_SECONDS, FactType, FactValue

_READ_NAMES = decoder(tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]])

_NEVER = False
"""Stored for *never* where a fact counts seconds: one byte, and most of them never were."""

_DIGITS: Mapping[FactWire, str] = {None: "0", False: "1", True: "2"}
_FLAGS: Sequence[bool | None] = (None, False, True)


class FactSet:
    """Names of facts by the form that their values are stored in, and ordered in each.

    `flags` are true or false: all together make one number to the base of three. `seconds`
    count seconds since something. `others` are stored as they are.
    """

    def __init__(self, flags: Sequence[str], seconds: Sequence[str], others: Sequence[str]) -> None:
        self._flags, self._seconds, self._others = tuple(flags), tuple(seconds), tuple(others)
        self.content = encode((self._flags, self._seconds, self._others))
        self.digest = digest(self.content)
        self._names = frozenset(chain(flags, seconds, others))
        self._flag_bytes = (3 ** len(self._flags)).bit_length() // 8 + 1

    @classmethod
    def of(cls, names: Sequence[str]) -> "FactSet":
        """Return the set of these facts, each in the form of its declared type."""
        flags = [name for name in names if FACTS[name].type is FactType.BOOL]
        seconds = [
            name for name in names if FACTS[name].type is FactType.INT and FACTS[name].unit == "s"
        ]
        apart = {*flags, *seconds}
        return cls(flags, seconds, [name for name in names if name not in apart])

    @classmethod
    def read(cls, content: bytes) -> "FactSet":
        """Read a set as it was kept."""
        return cls(*_READ_NAMES.decode(content))

    def values(self, facts: Mapping[str, FactValue]) -> tuple[bytes, list[FactWire]]:
        """Return the values in their stored form; those that are not known are None."""
        get = facts.get
        flags = int("".join(map(_DIGITS.__getitem__, map(get, self._flags))) or "0", 3)
        values: list[FactWire] = [
            _NEVER if value == NEVER_SECONDS else value for value in map(get, self._seconds)
        ]
        values += map(get, self._others)
        return flags.to_bytes(self._flag_bytes, "big"), values

    def unnamed(self, facts: Mapping[str, FactValue]) -> dict[str, FactWire]:
        """Return the facts that the set does not name."""
        if facts.keys() <= self._names:
            return {}
        return {name: value for name, value in facts.items() if name not in self._names}

    def facts(self, flags: bytes, values: Sequence[FactWire]) -> dict[str, FactValue]:
        """Return the facts that stored values are of; unknown ones are left out."""
        number = int.from_bytes(flags, "big")
        read: dict[str, FactWire] = {}
        for name in reversed(self._flags):
            number, digit = divmod(number, 3)
            read[name] = _FLAGS[digit]
        for name, value in zip(self._seconds, values, strict=False):
            read[name] = NEVER_SECONDS if value is _NEVER else value
        read.update(zip(self._others, values[len(self._seconds) :], strict=True))
        return {name: value for name, value in read.items() if value is not None}
