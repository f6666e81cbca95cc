"""Reading a TOML table's values, noting every problem with its place."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from sekisho.adapters.policy.cel_faults import did_you_mean
from sekisho.adapters.policy.positions import Path, Positions
from sekisho.adapters.policy.problems import Problem

E = TypeVar("E", bound=StrEnum)
Table = Mapping[str, object]


class Reading:
    """The problems found so far in one text. What cannot be read reads as a harmless default."""

    def __init__(self, positions: Positions) -> None:
        self.positions = positions
        self.problems: list[Problem] = []

    def report(self, path: Path, message: str, rule: str = "") -> None:
        """Note a problem with the key at `path`."""
        line, column = self.positions.key(path)
        self.problems.append(Problem(line, column, message, rule))

    def report_within(self, path: Path, at: tuple[int, int], message: str, rule: str) -> None:
        """Note a problem with a place (line and column) in the text at `path`."""
        line, column = self.positions.within(path, *at)
        self.problems.append(Problem(line, column, message, rule))

    def only(self, table: Table, path: Path, allowed: Iterable[str], rule: str = "") -> None:
        """Report every key that is not one of `allowed`."""
        known = tuple(allowed)
        for key in table:
            if key not in known:
                message = f"unknown key `{key}`{did_you_mean(key, known)}"
                self.report((*path, key), message, rule)

    def text(self, table: Table, path: Path, key: str, rule: str = "") -> str:
        """Read a text that must be there and not be blank."""
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.report((*path, key), f"`{key}` must be a text that says something", rule)
        return ""

    def whole(
        self, table: Table, path: Path, key: str, least: int, default: int | None, rule: str = ""
    ) -> int:
        """Read a whole number of at least `least`; `default` None means that it must be there."""
        value = table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.report((*path, key), f"`{key}` must be a whole number of at least {least}", rule)
        return least

    def table(self, table: Table, path: Path, key: str, rule: str = "") -> Table:
        """Read a table that must be there."""
        value = table.get(key)
        if isinstance(value, dict):
            return value
        self.report((*path, key), f"`{key}` must be a table", rule)
        return {}

    def one_of(self, table: Table, path: Path, key: str, default: E, rule: str = "") -> E:
        """Read one word of the default's kind."""
        value = table.get(key, default.value)
        found = self._words((value,), (*path, key), type(default), rule)
        return found[0] if found else default

    def some_of(
        self, table: Table, path: Path, key: str, kind: type[E], rule: str = ""
    ) -> tuple[E, ...]:
        """Read at least one word of `kind`, none twice; returned in the order of `kind`."""
        value = table.get(key)
        if not isinstance(value, list) or not value:
            self.report((*path, key), f"`{key}` must be a list with at least one entry", rule)
            return ()
        found = self._words(value, (*path, key), kind, rule)
        if len(set(found)) < len(found):
            self.report((*path, key), f"`{key}` names an entry twice", rule)
        return tuple(member for member in kind if member in found)

    def _words(self, values: Iterable[object], path: Path, kind: type[E], rule: str) -> list[E]:
        known = {member.value: member for member in kind}
        found: list[E] = []
        for value in values:
            if isinstance(value, str) and value in known:
                found.append(known[value])
            else:
                near = did_you_mean(str(value), known)
                expected = near or f"; known are {', '.join(known)}"
                self.report(path, f"{value!r} is no `{path[-1]}`{expected}", rule)
        return found
