"""ReviewService: what ties cases together, and groups of them."""

import struct
from collections.abc import Iterable

from sekisho.application.ports.review import GroupChange, GroupFilter
from sekisho.rpc import pages
from sekisho.rpc.call import Call
from sekisho.rpc.convert import links, names
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.services.review_base import NO_ID, ReviewBase
from sekisho.v1 import review_link_pb2

DEFAULT_DAYS = 90
DEFAULT_CASES = 100

_KEY = struct.Struct(">q32s")
"""Where a page of groups ended: when it changed (Unix ms), and its id."""


class LinkMethods(ReviewBase):
    """What ties cases together."""

    async def ListLinks(
        self, request: review_link_pb2.ListLinksRequest, call: Call
    ) -> review_link_pb2.ListLinksResponse:
        """Follow what ties a case to others."""
        violations = Violations.of(request)
        decision_id = violations.read("name", names.decision_id, request.name, NO_ID)
        violations.refuse()
        found = await self._desk.links(
            decision_id,
            request.steps,
            request.days or DEFAULT_DAYS,
            request.max_cases or DEFAULT_CASES,
        )
        return links.links(found, self._clock())

    async def CreateGroup(
        self, request: review_link_pb2.CreateGroupRequest, call: Call
    ) -> review_link_pb2.Group:
        """Make a named group of cases."""
        violations = Violations.of(request)
        this = self._once(violations, request, call)
        cases = _cases(violations, "cases", request.cases)
        violations.refuse()
        actor = call.identity.name
        made = await self._desk.groups.create(
            this, actor, request.display_name, request.description, cases
        )
        return links.group(made, actor)

    async def GetGroup(
        self, request: review_link_pb2.GetGroupRequest, call: Call
    ) -> review_link_pb2.Group:
        """Return a group."""
        violations = Violations.of(request)
        group_id = violations.read("name", names.group_id, request.name, "")
        violations.refuse()
        found, new_links = await self._desk.groups.get(group_id)
        return links.group(found, call.identity.name, new_links)

    async def ListGroups(
        self, request: review_link_pb2.ListGroupsRequest, call: Call
    ) -> review_link_pb2.ListGroupsResponse:
        """Return a page of groups, those changed last first."""
        violations = Violations.of(request)
        assignee = request.assignee
        if assignee == "me":
            assignee = call.identity.name
        elif assignee:
            assignee = violations.read("assignee", names.analyst, assignee, "")
        wanted = GroupFilter(assignee, call.identity.name if request.followed else "")
        page = pages.page(violations, request, f"groups/{wanted}")
        violations.refuse()
        after = None
        if len(page.after) == _KEY.size:
            at, id_ = _KEY.unpack(page.after)
            after = (at, id_.decode("ascii", "replace"))
        found = await self._desk.groups.page(wanted, after, page.most)
        shown = page.cut(found)
        last = _KEY.pack(shown[-1].updated_at, shown[-1].id.encode()) if shown else b""
        return review_link_pb2.ListGroupsResponse(
            groups=[links.group(each, call.identity.name) for each in shown],
            next_page_token=page.next_token(found, last),
        )

    async def UpdateGroup(
        self, request: review_link_pb2.UpdateGroupRequest, call: Call
    ) -> review_link_pb2.Group:
        """Change a group."""
        violations = Violations.of(request)
        this = self._once(violations, request, call)
        group_id = violations.read("name", names.group_id, request.name, "")
        revision = violations.read("etag", names.version, request.etag, None)
        wanted = GroupChange(
            display_name=request.display_name if request.HasField("display_name") else None,
            description=request.description if request.HasField("description") else None,
            assignee=(
                violations.read("assignee", names.analyst, request.assignee, "")
                if request.HasField("assignee")
                else None
            ),
            followed=request.followed if request.HasField("followed") else None,
            added=_cases(violations, "added_cases", request.added_cases),
            removed=_cases(violations, "removed_cases", request.removed_cases),
        )
        violations.refuse()
        actor = call.identity.name
        changed = await self._desk.groups.update(this, actor, group_id, revision, wanted)
        return links.group(changed, actor)


def _cases(violations: Violations, field: str, names_: Iterable[str]) -> tuple[bytes, ...]:
    found = [
        violations.read(f"{field}[{place}]", names.decision_id, name, NO_ID)
        for place, name in enumerate(names_)
    ]
    return tuple(dict.fromkeys(found))
