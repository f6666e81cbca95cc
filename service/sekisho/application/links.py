"""Links: everything connected to a case, and what ties it."""

from collections.abc import Iterator, Sequence

from sekisho.application.ports.review import CaseReader, CaseSummary, Has, TieReader
from sekisho.domain.errors import NotFoundError
from sekisho.domain.links import CLERK_MINUTE, TYING_ROLES, Key, Tie, Walk
from sekisho.domain.value import value
from sekisho.domain.velocity import DAY_MS

MINUTE_MS = 60_000

_ON_AND_ON = 1_000
"""Steps of a walk that goes on until nothing new is found: more than it can take."""


@value
class Links:
    """Cases with their steps from where the walk began, the nearest first, and what ties them.
    `truncated`: there was more than was asked for."""

    cases: Sequence[tuple[CaseSummary, int]]
    ties: Sequence[Tie]
    truncated: bool


class FollowLinks:
    """Walks from case to case. Raises LedgerUnavailableError."""

    def __init__(self, reader: CaseReader, ties: TieReader) -> None:
        self._reader = reader
        self._ties = ties

    async def __call__(self, decision_id: bytes, steps: int, days: int, most: int) -> Links:
        """Follow up to `steps` steps (0: until nothing new is found), among decisions made up to
        `days` before or after the case; up to `most` cases. NotFoundError."""
        had = await self._ties.had([decision_id])
        if decision_id not in had:
            raise NotFoundError("no such decision")
        middle = had[decision_id].decided_at
        window = (middle - days * DAY_MS, middle + days * DAY_MS)
        walk = Walk(decision_id, most)
        for _ in range(steps or _ON_AND_ON):
            asked = walk.questions(pair for each in had.values() for pair in _keys(each))
            if asked:
                walk.answer(await self._ties.shared(asked, *window, MINUTE_MS))
            if not asked or not walk.frontier:
                break
            had = await self._ties.had(walk.frontier)
        found = {c.decision_id: c for c in await self._reader.summaries(list(walk.steps))}
        return Links(
            [(found[id_], step) for id_, step in walk.steps.items() if id_ in found],
            walk.ties(),
            walk.truncated,
        )


def _keys(has: Has) -> Iterator[tuple[Key, str]]:
    """Return what may tie a case to others, each with its masked form."""
    for identifier in has.identifiers:
        if identifier.role in TYING_ROLES:
            yield Key(identifier.role, identifier.fingerprint), identifier.masked
        elif identifier.role == "clerk":
            yield Key(CLERK_MINUTE, identifier.fingerprint, has.decided_at), identifier.masked
