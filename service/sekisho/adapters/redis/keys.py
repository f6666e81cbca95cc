"""The cache's keys.

Every key begins with the hash tag of its fingerprint's first byte, so that all that one script
touches of a tag lies on one node, then FORMAT, then a letter: t tries, o outcomes (marks), l line,
j journaled try, w watch bucket, m coverage mark, v watchlist mark, e evictions noted. For tries
and marks the dimension's letter follows. The rest of the fingerprint ends the key, as it is; of a
journaled try the line's, and the try id.
"""

from typing import Final

from sekisho.application.ports import Fingerprint
from sekisho.domain.velocity import Dimension

FORMAT: Final = b"1"
"""Changes with the form of what is stored. What has another format is not seen: to the projector
the cache is then empty, and it fills it anew. Old keys of lines and watchlists stay until someone
deletes them; the others end by themselves."""

TAGS: Final = range(256)
_PREFIXES: Final = tuple(b"{%02x}%s" % (tag, FORMAT) for tag in TAGS)
COVERAGE_KEYS: Final = tuple(prefix + b"m" for prefix in _PREFIXES)
INDEX_KEYS: Final = tuple(prefix + b"v" for prefix in _PREFIXES)
EVICTIONS_KEYS: Final = tuple(prefix + b"e" for prefix in _PREFIXES)

_LETTER: Final = {
    Dimension.LINE: b"L",
    Dimension.DOCUMENT: b"D",
    Dimension.FACE: b"F",
    Dimension.DEVICE: b"E",
    Dimension.SIM: b"S",
    Dimension.CONTACT: b"C",
    Dimension.APPLICANT: b"A",
    Dimension.SHOP: b"H",
    Dimension.TERMINAL: b"T",
    Dimension.CLERK: b"K",
}
_TRIES: Final = {d: tuple(p + b"t" + letter for p in _PREFIXES) for d, letter in _LETTER.items()}
_MARKS: Final = {d: tuple(p + b"o" + letter for p in _PREFIXES) for d, letter in _LETTER.items()}
_LINES: Final = tuple(prefix + b"l" for prefix in _PREFIXES)
_JOURNALED: Final = tuple(prefix + b"j" for prefix in _PREFIXES)
_BUCKETS: Final = tuple(prefix + b"w" for prefix in _PREFIXES)


def tag_of(key: bytes) -> int:
    """Return a key's tag, 0 to 255."""
    return int(key[1:3], 16)


def tries_key(dimension: Dimension, fingerprint: Fingerprint) -> bytes:
    """Return the key of the tries counted along one identity."""
    return _TRIES[dimension][fingerprint[0]] + fingerprint[1:]


def marks_key(dimension: Dimension, fingerprint: Fingerprint) -> bytes:
    """Return the key of what became of them."""
    return _MARKS[dimension][fingerprint[0]] + fingerprint[1:]


def line_key(fingerprint: Fingerprint) -> bytes:
    """Return the key of a line's knowledge."""
    return _LINES[fingerprint[0]] + fingerprint[1:]


def journaled_key(line: Fingerprint, try_id: bytes) -> bytes:
    """Return the key that says of a try of this line that its decision lies in a journal."""
    return _JOURNALED[line[0]] + line[1:] + try_id


def bucket_key(fingerprint: Fingerprint) -> bytes:
    """Return the key of the bucket that may hold a watched fingerprint.

    65,536 buckets keep each small enough for its compact encoding at ten million entries.
    """
    return _BUCKETS[fingerprint[0]] + fingerprint[1:2]


def bucket_field(fingerprint: Fingerprint) -> bytes:
    """Return the fingerprint's field in its bucket: eight bytes that the key does not have."""
    return fingerprint[2:10]
