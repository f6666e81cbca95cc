"""The cache's keys and stored forms.

Every key carries the hash tag of its fingerprint's first byte, so that all that one script
touches of a tag lies on one node. Letters: t tries, o outcomes (marks), l line, w watch bucket,
m coverage mark, v watchlist versions.
"""

import struct
from typing import Final

import msgspec

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import (
    Coverage,
    IndexMark,
    LineKnowledge,
    Positions,
    Try,
)
from sekisho.domain.velocity import (
    RETENTION_MS,
    SHORT_LIVED,
    SHORT_RETENTION_MS,
    Attribute,
    Dimension,
    Mark,
)

TAGS: Final = tuple(b"{%02x}" % tag for tag in range(256))
COVERAGE_KEYS: Final = tuple(tag + b"m" for tag in TAGS)
INDEX_KEYS: Final = tuple(tag + b"v" for tag in TAGS)

_LETTER: Final = {dimension: bytes([97 + index]) for index, dimension in enumerate(Dimension)}
_PART = 5
_ABSENT = b"\0" * _PART
_NO_REISSUE = b"\xff"
MARK_CODES: Final = {mark: bytes([index + 1]) for index, mark in enumerate(Mark)}
_SLACK_MS = 3_600_000
RETENTION: Final = {
    dimension: _SLACK_MS + (SHORT_RETENTION_MS if dimension in SHORT_LIVED else RETENTION_MS)
    for dimension in Dimension
}
"""How long a member is kept: a little longer than the longest window, so that none is trimmed
while its window still counts it."""

_COVERAGE = struct.Struct("<8s8q")
_REVISION = struct.Struct("<Q")
_LINE_ENCODER = msgspec.msgpack.Encoder()
_LINE_DECODER = msgspec.msgpack.Decoder(LineKnowledge)
_VERSIONS_DECODER = msgspec.msgpack.Decoder(dict[str, int])
_GENERATION = 8


def tries_key(dimension: Dimension, fingerprint: Fingerprint) -> bytes:
    """Return the key of the tries counted along one identity."""
    return TAGS[fingerprint[0]] + b"t" + _LETTER[dimension] + fingerprint


def marks_key(dimension: Dimension, fingerprint: Fingerprint) -> bytes:
    """Return the key of what became of them."""
    return TAGS[fingerprint[0]] + b"o" + _LETTER[dimension] + fingerprint


def line_key(fingerprint: Fingerprint) -> bytes:
    """Return the key of a line's knowledge."""
    return TAGS[fingerprint[0]] + b"l" + fingerprint


def bucket_key(fingerprint: Fingerprint) -> bytes:
    """Return the key of the bucket that may hold a watched fingerprint.

    65,536 buckets keep each small enough for its compact encoding at ten million entries.
    """
    return TAGS[fingerprint[0]] + b"w" + fingerprint[1:2]


def bucket_field(fingerprint: Fingerprint) -> bytes:
    """Return the fingerprint's field in its bucket: eight bytes that the key does not have."""
    return fingerprint[2:10]


def member(attempt: Try) -> bytes:
    """Return a try as it is stored: its id, five bytes an attribute, the reissue digit.

    Five bytes tell the few values within one key apart; an absent one is zeros.
    """
    attributes = attempt.attributes
    return b"".join(
        (
            attempt.try_id,
            *(attributes[a][:_PART] if a in attributes else _ABSENT for a in Attribute),
            _NO_REISSUE if attempt.reissue is None else bytes((attempt.reissue,)),
        )
    )


def pack_coverage(coverage: Coverage) -> bytes:
    """Return a coverage mark as stored."""
    top, bottom = coverage.top, coverage.bottom
    return _COVERAGE.pack(
        coverage.generation,
        top.decisions,
        top.events,
        top.lines,
        bottom.decisions,
        bottom.events,
        bottom.lines,
        coverage.covered_from,
        coverage.applied_to,
    )


def unpack_coverage(stored: bytes) -> Coverage:
    """Return a stored coverage mark."""
    generation, *numbers = _COVERAGE.unpack(stored)
    return Coverage(
        generation,
        Positions(*numbers[0:3]),
        Positions(*numbers[3:6]),
        numbers[6],
        numbers[7],
    )


def pack_index_mark(mark: IndexMark) -> bytes:
    """Return a watchlist mark as stored: equal marks are equal bytes."""
    versions = {name: mark.versions[name] for name in sorted(mark.versions)}
    return mark.generation + msgspec.msgpack.encode(versions)


def unpack_index_mark(stored: bytes) -> IndexMark:
    """Return a stored watchlist mark."""
    return IndexMark(stored[:_GENERATION], _VERSIONS_DECODER.decode(stored[_GENERATION:]))


def pack_line(line: LineKnowledge) -> bytes:
    """Return a line as stored, its revision first."""
    return _REVISION.pack(line.revision) + _LINE_ENCODER.encode(line)


def unpack_line(stored: bytes) -> LineKnowledge:
    """Return a stored line."""
    return _LINE_DECODER.decode(stored[_REVISION.size :])
