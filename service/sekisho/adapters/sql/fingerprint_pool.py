"""Fingerprints of one row, each kept once: a key, an attribute and an identifier of a request
mostly are the same pseudonym."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.wire import TryWire
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import KeptIdentifier

SIZE = 16

E = TypeVar("E", bound=str)


class Pool:
    """Gathers fingerprints and gives each its place, 0 to 255."""

    def __init__(self) -> None:
        self._places: dict[Fingerprint, int] = {}

    def content(self) -> bytes:
        """Return all of them, one after the other."""
        if not set(map(len, self._places)) <= {SIZE}:
            raise ValueError(f"expected fingerprints of {SIZE} bytes")
        return b"".join(self._places)

    def attempt(self, attempt: Try, decided_at: int) -> TryWire:
        """Return a try that refers to the pool."""
        return TryWire(
            attempt.try_id,
            attempt.at - decided_at,
            self._pairs(codes.DIMENSION.number, attempt.keys),
            self._pairs(codes.ATTRIBUTE.number, attempt.attributes.items()),
            attempt.reissue,
        )

    def identifiers(
        self, identifiers: tuple[KeptIdentifier, ...]
    ) -> tuple[tuple[int, str, int], ...]:
        """Return identifiers that refer to the pool."""
        numbers, places = codes.ROLE.number, self._places
        return tuple(
            [
                (numbers[i.role], i.masked, places.setdefault(i.fingerprint, len(places)))
                for i in identifiers
            ]
        )

    def _pairs(self, numbers: Mapping[E, int], found: Iterable[tuple[E, Fingerprint]]) -> bytes:
        places = self._places
        pairs = bytearray()
        for what, fingerprint in found:
            pairs.append(numbers[what])
            pairs.append(places.setdefault(fingerprint, len(places)))
        return bytes(pairs)


def each(content: bytes) -> Iterator[Fingerprint]:
    """Return the fingerprints of a pool, or of any that stand one after the other."""
    return (content[start : start + SIZE] for start in range(0, len(content), SIZE))


class PackedFingerprints(Sequence[Fingerprint]):
    """Very many fingerprints, at 16 bytes each instead of an object."""

    def __init__(self) -> None:
        self._content = bytearray()

    def extend(self, fingerprints: Iterable[Fingerprint]) -> None:
        """Add some at the end."""
        for fingerprint in fingerprints:
            self._content += fingerprint

    def __len__(self) -> int:
        return len(self._content) // SIZE

    @overload
    def __getitem__(self, index: int) -> Fingerprint: ...

    @overload
    def __getitem__(self, index: slice) -> list[Fingerprint]: ...

    def __getitem__(self, index: int | slice) -> Fingerprint | list[Fingerprint]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        start = range(len(self))[index] * SIZE
        return bytes(self._content[start : start + SIZE])


def read_try(wire: TryWire, fingerprints: bytes, decided_at: int) -> Try:
    """Read a try."""
    pool = [fingerprints[start : start + SIZE] for start in range(0, len(fingerprints), SIZE)]
    keys, attributes = wire.keys, wire.attributes
    dimension, attribute = codes.DIMENSION.word, codes.ATTRIBUTE.word
    # By lists, not generators: the projector reads ten thousand a second.
    return Try(
        wire.try_id,
        decided_at + wire.later,
        tuple([(dimension[d], pool[p]) for d, p in zip(keys[::2], keys[1::2], strict=True)]),
        {attribute[a]: pool[p] for a, p in zip(attributes[::2], attributes[1::2], strict=True)},
        wire.reissue,
    )


def read_identifiers(
    wire: tuple[tuple[int, str, int], ...], fingerprints: bytes
) -> tuple[KeptIdentifier, ...]:
    """Read identifiers."""
    pool = list(each(fingerprints))
    return tuple(KeptIdentifier(codes.ROLE.word[r], masked, pool[p]) for r, masked, p in wire)
