"""How a command ends when it cannot do what it was asked."""

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """What the process returns."""

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    UNAVAILABLE = 3
    NOT_FOUND = 4
    REFUSED = 5
    CONFLICT = 6
    STEP_UP = 10
    INTERRUPTED = 130


class CommandError(Exception):
    """Ends a command with one clear line, and a table of fields where there are some.

    `fields` are (field, what was expected).
    """

    def __init__(
        self,
        message: str,
        exit_code: Exit = Exit.BAD_INPUT,
        fields: Sequence[tuple[str, str]] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.fields = tuple(fields)
        self.hint = hint
