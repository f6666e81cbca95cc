"""How records lie in the journal's file, and how they are found there.

Each is framed: magic, version, kind, length of its body and a checksum, then the body. A frame
that does not hold says nothing true of its length either, so the search for the next record goes
on at the next magic whose record is whole.

CRC-32 is enough: it finds every burst of up to 32 bits, and the rest but for one in four thousand
million; the disk is no adversary, and whoever may write the file needs no collision.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, NamedTuple

from sekisho.domain.value import value

_MAGIC: Final = b"\xf7\x1eSJ"
_VERSION: Final = 1
_FRAME: Final = struct.Struct("<4sBBxxII")
FRAME_BYTES: Final = _FRAME.size
_CHUNK: Final = 4 << 20


class Kind(IntEnum):
    """What a record is."""

    BEGIN = 0
    """The file's first; its body is the file's generation."""
    DECISION = 1
    DELIVERED = 2
    """Decisions further up that the ledger holds."""


class Record(NamedTuple):
    """A whole record: its kind, its place in the file (frame included), and its body."""

    kind: int
    start: int
    end: int
    body: bytes


class Span(NamedTuple):
    """A part of the file that holds no whole record."""

    start: int
    end: int


@value
class Chunk:
    """What a part of the file, from `start` to `end`, holds."""

    start: int
    end: int
    records: list[Record]
    damaged: list[Span]


def framed(kind: Kind, body: bytes) -> bytes:
    """Return the bytes of a record."""
    head = _FRAME.pack(_MAGIC, _VERSION, kind, len(body), 0)
    return head[:-4] + _checksum(head, body).to_bytes(4, "little") + body


def only_record(data: bytes) -> Record | None:
    """Return the record that fills these bytes, if one does."""
    record = _whole(data, 0, 0)
    return record if record is not None and record.end == len(data) else None


def cut_short(data: bytes) -> bool:
    """Whether these bytes can be the beginning of a record of which the rest was never written."""
    return _may_go_on(data, 0)


def walk(read: Callable[[int, int], bytes], start: int, end: int) -> Iterator[Chunk]:
    """Go through the file from one place to another, a few megabytes at a time.

    `read` returns so many bytes from a place. Every byte is part of a record or of a span.
    """
    size = _CHUNK
    while start < end:
        data = read(min(size, end - start), start)
        chunk = _scan(data, start, last=start + len(data) >= end)
        if chunk.end == start:
            # A record that is longer, or a length that is not true: look at more.
            size *= 2
            continue
        yield chunk
        start, size = chunk.end, _CHUNK


def _scan(data: bytes, base: int, *, last: bool) -> Chunk:
    records: list[Record] = []
    damaged: list[Span] = []
    at = 0
    while at < len(data):
        record = _whole(data, at, base)
        if record is None:
            if not last and _may_go_on(data, at):
                break
            record = _next(data, at + 1, base)
            if record is None:
                if last:
                    damaged.append(Span(base + at, base + len(data)))
                    at = len(data)
                break
            damaged.append(Span(base + at, record.start))
        records.append(record)
        at = record.end - base
    return Chunk(base, base + at, records, damaged)


def _next(data: bytes, at: int, base: int) -> Record | None:
    while (at := data.find(_MAGIC, at)) >= 0:
        if (record := _whole(data, at, base)) is not None:
            return record
        at += 1
    return None


def _whole(data: bytes, at: int, base: int) -> Record | None:
    if len(data) - at < FRAME_BYTES:
        return None
    magic, version, kind, length, checksum = _FRAME.unpack_from(data, at)
    begin = at + FRAME_BYTES
    end = begin + length
    if magic != _MAGIC or version != _VERSION or end > len(data):
        return None
    body = data[begin:end]
    if _checksum(data[at:begin], body) != checksum:
        return None
    return Record(kind, base + at, base + end, body)


def _may_go_on(data: bytes, at: int) -> bool:
    if len(data) - at < FRAME_BYTES:
        return True
    magic, version, _, length, _ = _FRAME.unpack_from(data, at)
    whole = at + FRAME_BYTES + length <= len(data)
    return (magic, version) == (_MAGIC, _VERSION) and not whole


def _checksum(head: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(head[4:-4]))
