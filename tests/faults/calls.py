"""What client processes write down: every call before it is sent, and every answer.

One JSON array a line, so that a file may be read while it grows and after any end of its writer.
Times are Unix milliseconds.
"""

import os
import time
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import msgspec

OK = "OK"


class Sent(msgspec.Struct, array_like=True, tag="sent", frozen=True):
    """A call as it goes out.

    `body` names the request's content for traffic.py, `variant` which of the bodies that come
    with one request_id. `decision` is the decision that evidence or an outcome is for.
    """

    call: str
    at: float
    method: str
    shop: str
    request_id: str
    body: str
    variant: int = 0
    decision: str = ""


class Ended(msgspec.Struct, array_like=True, tag="ended", frozen=True):
    """How a call ended: a gRPC status, and for OK what the decision said."""

    call: str
    at: float
    code: str
    reason: str = ""
    name: str = ""
    verdict: int = 0
    state: int = 0
    degraded: bool = False
    decided_at: int = 0


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Sent | Ended).decode


def now_ms() -> float:
    """Unix milliseconds, with their fraction."""
    return time.time() * 1000


@dataclass(slots=True)
class Call:
    """A call and its end; None while it is under way, or where its client died."""

    sent: Sent
    ended: Ended | None = None

    @property
    def answered(self) -> Ended | None:
        """Its answer, where it got one."""
        return self.ended if self.ended is not None and self.ended.code == OK else None

    @property
    def ended_at(self) -> float:
        """When it ended; never, where it did not."""
        return inf if self.ended is None else self.ended.at

    def under_way(self, at: float) -> bool:
        """Whether it was under way at a moment."""
        return self.sent.at < at < self.ended_at


class Writer:
    """Writes lines at once, each whole."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: Sent | Ended) -> None:
        """Write one line."""
        os.write(self._file, _encode(what) + b"\n")


@dataclass
class Reader:
    """Reads what several clients have written so far, and goes on from there."""

    paths: list[Path]
    calls: dict[str, Call] = field(default_factory=dict)
    answers: int = 0
    degraded: int = 0
    """Answers that are."""
    open: set[str] = field(default_factory=set)
    _places: dict[Path, int] = field(default_factory=dict)

    def read(self) -> None:
        """Take in what was added."""
        for path in self.paths:
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(self._places.get(path, 0))
                content = file.read()
            whole = content.rfind(b"\n") + 1
            self._places[path] = self._places.get(path, 0) + whole
            for line in content[:whole].splitlines():
                self._take(_decode(line))

    def _take(self, what: Sent | Ended) -> None:
        if isinstance(what, Sent):
            self.calls[what.call] = Call(what)
            self.open.add(what.call)
        else:
            self.calls[what.call].ended = what
            self.open.discard(what.call)
            self.answers += what.code == OK
            self.degraded += what.degraded
