"""Groups: cases that belong together, named, followed and handed over."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from sekisho.application.links import FollowLinks
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.review import Group, GroupChange, GroupFilter, GroupKeeper

_LOOK_DAYS = 90
_LOOK_STEPS = 1
_LOOK_CASES = 200
_LOOKED_FROM = 20
"""Cases of a group, the newest, from which new links are looked for."""


class Groups:
    """All methods raise LedgerUnavailableError; those that change a group RequestIdReusedError."""

    def __init__(self, keeper: GroupKeeper, links: FollowLinks, clock: Callable[[], int]) -> None:
        self._keeper = keeper
        self._links = links
        self._clock = clock

    async def create(
        self,
        once: Once,
        actor: str,
        display_name: str,
        description: str,
        cases: tuple[bytes, ...],
    ) -> Group:
        """Make a group, which its maker has and follows; its cases leave any other."""
        now = self._clock()
        new = Group(uuid4().hex, display_name, description, actor, now, now, 1, cases)
        return await self._keeper.make_group(once, new, actor, now)

    async def get(self, group_id: str) -> tuple[Group, int]:
        """Return a group, and how many decisions are tied to its cases that are not in it.

        NotFoundError.
        """
        group = await self._keeper.group(group_id)
        tied: set[bytes] = set()
        for decision_id in group.cases[-_LOOKED_FROM:]:
            links = await self._links(decision_id, _LOOK_STEPS, _LOOK_DAYS, _LOOK_CASES)
            tied.update(case.decision_id for case, _ in links.cases)
        return group, len(tied - set(group.cases))

    async def page(
        self, wanted: GroupFilter, after: tuple[int, str] | None, most: int
    ) -> Sequence[Group]:
        """Return groups, those changed last first."""
        return await self._keeper.groups(wanted, after, most)

    async def update(
        self, once: Once, actor: str, group_id: str, revision: int | None, wanted: GroupChange
    ) -> Group:
        """Change a group that is still in `revision`. NotFoundError, CaseChangedError."""
        return await self._keeper.change_group(
            once, group_id, revision, wanted, actor, self._clock()
        )
