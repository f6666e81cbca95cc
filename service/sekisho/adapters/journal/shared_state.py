"""What all processes of the host know of the journal's file at any moment.

It stands in the lock file, so that a look costs one read of a few bytes. It is never flushed: it
says which records living processes may believe in, and after a crash of the machine the file is
read from its beginning instead.
"""

import os
import struct
import zlib
from typing import Final, NamedTuple

_STATE: Final = struct.Struct("<16sQI")
_LOOKS: Final = 1000


class State(NamedTuple):
    """`generation` changes whenever places in the file begin to mean other records. Every decision
    before `end` is durable; what lies behind it is being written, or was left by a process that
    died, and no caller was told of it."""

    generation: bytes
    end: int


class SharedState:
    """The state in an open file. Whoever publishes holds the file's lock."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        # Replaced as one: several threads look.
        self._seen: tuple[bytes, State | None] = (b"", None)

    def read(self) -> State | None:
        """Return the state; the same object for as long as nothing changes. None: there is none,
        or it is damaged."""
        for _ in range(_LOOKS):
            raw = os.pread(self._descriptor, _STATE.size, 0)
            seen, state = self._seen
            if raw == seen:
                return state
            if len(raw) < _STATE.size:
                return None
            generation, end, checksum = _STATE.unpack(raw)
            if zlib.crc32(raw[:-4]) == checksum:
                state = State(generation, end)
                self._seen = (raw, state)
                return state
            # Another process is just writing it.
        return None

    def publish(self, generation: bytes, end: int) -> None:
        """Let all processes see another state. Needs no space on the disk, but the first time."""
        content = _STATE.pack(generation, end, 0)[:-4]
        os.pwrite(self._descriptor, content + zlib.crc32(content).to_bytes(4, "little"), 0)
