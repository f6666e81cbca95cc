"""What CEL says of an expression, in words for those who write policies."""

import difflib
import re
from collections.abc import Iterable
from typing import Self

from sekisho.domain.facts import FACTS
from sekisho.domain.value import value


@value
class Fault:
    """One thing wrong with an expression. `line` and `column` start at 1, in the expression."""

    line: int
    column: int
    message: str

    @classmethod
    def at(cls, expression: str, offset: int, message: str) -> Self:
        """Return the fault at an offset, in characters."""
        line = expression.count("\n", 0, offset) + 1
        return cls(line, offset - expression.rfind("\n", 0, offset), message)


_ERROR = re.compile(r"^(?:INVALID_ARGUMENT: )?ERROR: <input>:(\d+):(\d+): (.*)$", re.MULTILINE)
_TAIL = re.compile(r" \(in container '[^']*'\)| \[[A-Z_]+\]$")
_UNDECLARED = re.compile(r"undeclared reference to '(.+)'")
_OVERLOAD = re.compile(r"found no matching overload for '(.+)' applied to '(.+)'")


def faults_of(expression: str, error: str) -> list[Fault]:
    """Return every fault that CEL's error text names."""
    lines = expression.split("\n")
    faults = [
        _fault(lines, int(line), int(column), _TAIL.sub("", message))
        for line, column, message in _ERROR.findall(error)
    ]
    return faults or [Fault(1, 1, _TAIL.sub("", error.partition("\n")[0]))]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean ...?`, or nothing where no known name is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"; did you mean `{near[0]}`?" if near else ""


def _fault(lines: list[str], line: int, column: int, message: str) -> Fault:
    if undeclared := _UNDECLARED.fullmatch(message):
        name = undeclared[1]
        text = lines[line - 1]
        # CEL points at a call's parenthesis, and at a qualified name's last dot.
        called = text[column - 1 : column] == "("
        start = column - len(name if called else name.rpartition(".")[0])
        column = start if start >= 1 and text.startswith(name, start - 1) else column
        if called:
            return Fault(line, column, f"no function `{name}`")
        return Fault(line, column, f"no fact `{name}`{did_you_mean(name, FACTS)}")
    if overload := _OVERLOAD.fullmatch(message):
        operator = overload[1].strip("_").replace("_", " ")
        return Fault(line, column, f"`{operator}` does not take {overload[2]}")
    return Fault(line, column, message)
