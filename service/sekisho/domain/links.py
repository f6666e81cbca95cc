"""Links between cases: what they share, followed step by step.

A ring is seen only across cases: one card on several lines, one device behind several cards.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sekisho.domain.value import value

CLERK_MINUTE: Final = "clerk_minute"
"""The tie between cases of one clerk within one minute of each other."""

TYING_ROLES: Final = frozenset(
    {"line", "document", "card", "sim", "device", "contact", "applicant"}
)
"""Roles of identifiers that tie cases by themselves; a clerk serves too many for that."""

MOST_SHARED: Final = 50
"""An identifier that more cases have, a company's contact, tells of no ring: it is not followed."""


@value
class Key:
    """What cases may share. `at` is a moment (Unix ms) for what ties only around it, else 0."""

    role: str
    fingerprint: bytes
    at: int = 0


@value
class Tie:
    """What several cases share. `count` is how many have it in all, `cases` those that the walk
    reached."""

    key: Key
    masked: str
    cases: tuple[bytes, ...]
    count: int


class Walk:
    """A walk from one case, breadth first. Each step: ask what the cases of `frontier` have, what
    others share it (`questions`), and tell (`answer`)."""

    def __init__(self, start: bytes, most_cases: int) -> None:
        self.steps = {start: 0}
        """Steps from the start, by case, in the order in which they were reached."""
        self.frontier: Sequence[bytes] = (start,)
        self.truncated = False
        """Whether there was more than `most_cases`."""
        self._most_cases = most_cases
        self._first = True
        self._masked: dict[Key, str] = {}
        self._shared: dict[Key, tuple[Sequence[bytes], int]] = {}

    def questions(self, identifiers: Iterable[tuple[Key, str]]) -> list[Key]:
        """Return what is new among the frontier's identifiers, each a key and its masked form."""
        new: list[Key] = []
        for key, masked in identifiers:
            if key not in self._masked:
                self._masked[key] = masked
                new.append(key)
        return new

    def answer(self, shared: Mapping[Key, tuple[Sequence[bytes], int]]) -> None:
        """Take, for each question, the cases that share it, nearest first, and how many there are
        in all; go on to those that are new."""
        self._shared.update(shared)
        step = 1 + max(self.steps[case] for case in self.frontier)
        reached: list[bytes] = []
        for key, (cases, count) in shared.items():
            for case in cases if self._follows(key, count) else ():
                if case in self.steps:
                    continue
                if len(self.steps) == self._most_cases:
                    self.truncated = True
                    continue
                self.steps[case] = step
                reached.append(case)
        self.frontier = reached
        self._first = False

    def _follows(self, key: Key, count: int) -> bool:
        """Whether a key leads on: what only ties around a moment does from the start alone, or a
        busy clerk's shift would be one ring."""
        return count <= MOST_SHARED and (self._first or not key.at)

    def ties(self) -> list[Tie]:
        """Return what the cases reached share: nothing that only one has, and of several keys
        that tie the same cases around a moment one."""
        found: dict[object, Tie] = {}
        for key, (shared, count) in self._shared.items():
            cases = tuple(case for case in self.steps if case in set(shared))
            if count > 1:
                same = (key.role, key.fingerprint, cases if key.at else ())
                found.setdefault(same, Tie(key, self._masked[key], cases, count))
        return list(found.values())
