"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. A problem wants somebody now; a warning wants a look."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `what` says how it is, `todo` what to do; neither has a secret."""

    area: str
    level: Level
    what: str
    todo: str = ""


class Area:
    """Makes the findings of one area."""

    def __init__(self, name: str) -> None:
        self.name = name

    def ok(self, what: str) -> Finding:
        """Return that something is as it should be."""
        return Finding(self.name, Level.OK, what)

    def warning(self, what: str, todo: str) -> Finding:
        """Return that something wants a look."""
        return Finding(self.name, Level.WARNING, what, todo)

    def problem(self, what: str, todo: str) -> Finding:
        """Return that something wants somebody now."""
        return Finding(self.name, Level.PROBLEM, what, todo)


def age(ms: int) -> str:
    """Return a length of time for people, in its largest unit."""
    for size, unit in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")):
        if ms >= size:
            return f"{ms // size} {unit}"
    return f"{ms} ms"


def size(count: int) -> str:
    """Return a number of bytes for people."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count} {unit}"
        count //= 1024
    return f"{count} GiB"
