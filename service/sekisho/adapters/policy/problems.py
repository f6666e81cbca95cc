"""What is wrong with a policy's text, and where."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong. `line` and `column` start at 1; `rule` is empty outside rules."""

    line: int
    column: int
    message: str
    rule: str = ""

    def __str__(self) -> str:
        rule = f"rule {self.rule}, " if self.rule else ""
        return f"{rule}line {self.line}, column {self.column}: {self.message}"


class PolicyError(ValueError):
    """A policy that cannot be used: every problem at once, in the order of the text."""

    def __init__(self, problems: Sequence[Problem], source: str = "policy") -> None:
        self.problems = tuple(sorted(problems))
        self.source = source
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))
