"""How marks of progress and lines are stored."""

import struct
from typing import Final

import msgspec

from sekisho.adapters.redis.records import stored_time
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Coverage, IndexMark, LineKnowledge, Positions

_COVERAGE: Final = struct.Struct(">6s6s8s6q")
_REVISION: Final = struct.Struct(">Q")
_GENERATION: Final = 8
_ENCODER: Final = msgspec.msgpack.Encoder()
_VERSIONS: Final = msgspec.msgpack.Decoder(dict[str, int])
_LINE: Final = msgspec.msgpack.Decoder(
    tuple[
        bool,
        int | None,
        Fingerprint | None,
        Fingerprint | None,
        str,
        Fingerprint | None,
        int | None,
        str,
        bool,
        str,
        bool | None,
        dict[str, int],
    ]
)


def pack_coverage(coverage: Coverage) -> bytes:
    """Return a coverage mark as stored; `observe.lua` reads the two times at its beginning."""
    top, bottom = coverage.top, coverage.bottom
    return _COVERAGE.pack(
        stored_time(coverage.covered_from),
        stored_time(coverage.applied_to),
        coverage.generation,
        top.decisions,
        top.events,
        top.lines,
        bottom.decisions,
        bottom.events,
        bottom.lines,
    )


def unpack_coverage(stored: bytes) -> Coverage:
    """Return a stored coverage mark. Raises ValueError."""
    try:
        covered_from, applied_to, generation, *numbers = _COVERAGE.unpack(stored)
    except struct.error as error:
        raise ValueError(str(error)) from None
    return Coverage(
        generation,
        Positions(*numbers[:3]),
        Positions(*numbers[3:]),
        int.from_bytes(covered_from, "big"),
        int.from_bytes(applied_to, "big"),
    )


def pack_index_mark(mark: IndexMark) -> bytes:
    """Return a watchlist mark as stored: equal marks are equal bytes."""
    versions = {name: mark.versions[name] for name in sorted(mark.versions)}
    return mark.generation + _ENCODER.encode(versions)


def unpack_index_mark(stored: bytes) -> IndexMark:
    """Return a stored watchlist mark. Raises ValueError."""
    return IndexMark(stored[:_GENERATION], _VERSIONS.decode(stored[_GENERATION:]))


def pack_line(line: LineKnowledge) -> bytes:
    """Return a line as stored: its revision, by which `newer.lua` judges, then the rest."""
    rest = (
        line.has_record,
        line.activation_day,
        line.birth_date,
        line.name_kana,
        line.document_type,
        line.document,
        line.document_reissue,
        line.home_prefecture,
        line.locked,
        line.holder,
        line.current_sim_on_network,
        line.changed_at,
    )
    return _REVISION.pack(line.revision) + _ENCODER.encode(rest)


def unpack_line(stored: bytes) -> LineKnowledge:
    """Return a stored line. Raises ValueError."""
    revision = int.from_bytes(stored[: _REVISION.size], "big")
    return LineKnowledge(revision, *_LINE.decode(stored[_REVISION.size :]))
