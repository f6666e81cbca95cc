"""`sekisho review group`: cases that belong together, a ring for example."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Group as Parts
from rich.console import RenderableType
from rich.text import Text

from sekisho.cli import output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.failures import CommandError
from sekisho.cli.moments import moment
from sekisho.cli.review import view
from sekisho.cli.review.calls import Desk, analyst_name, desk, group_name, request_id
from sekisho.v1.review_link_pb2 import (
    CreateGroupRequest,
    GetGroupRequest,
    Group,
    UpdateGroupRequest,
)
from sekisho.v1.review_queue_pb2 import CaseFilter, CaseOrder

app = App(name="group", help="Keep a group of cases.")

_MOST = 500


@app.command
def create(
    name: str,
    *cases: str,
    description: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Make a named group of cases. A case that is in another group moves.

    Parameters
    ----------
    name
        A name for people.
    cases
        Its cases: case numbers, or ids (decisions/… or the UUID alone).
    description
        What is known of it.
    json
        Print the group as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        request = CreateGroupRequest(
            request_id=request_id(),
            display_name=name,
            description=description,
            cases=_names(opened, cases),
        )
        made = opened.stub.CreateGroup(request, timeout=opened.timeout, metadata=opened.metadata)
        _show(opened, made, json=json)


@app.command
def show(
    group: Annotated[str, Parameter(name="GROUP")],
    /,
    *,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Show a group, its cases, and how many decisions tied to them are not in it.

    Parameters
    ----------
    group
        The group, as `sekisho review groups` lists it.
    json
        Print the group as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _show(opened, _group(opened, group), json=json)


@app.command
def change(
    group: Annotated[str, Parameter(name="GROUP")],
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    assignee: str | None = None,
    add: tuple[str, ...] = (),
    remove: tuple[str, ...] = (),
    follow: Annotated[bool | None, Parameter(negative="--unfollow")] = None,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Change a group as it was just read; what is not given stays.

    Parameters
    ----------
    group
        The group, as `sekisho review groups` lists it.
    name
        A name for people.
    description
        What is known of it.
    assignee
        Who has it from now on.
    add
        A case to put into it; may be given several times.
    remove
        A case to take out of it; may be given several times.
    follow
        Follow it, or do so no more.
    json
        Print the group as JSON.
    connection
        How to reach the server.

    """
    given = (name, description, assignee, follow)
    if not (add or remove) and all(each is None for each in given):
        raise CommandError("expected something to change")
    with desk(connection) as opened:
        seen = _group(opened, group)
        request = UpdateGroupRequest(
            name=seen.name,
            request_id=request_id(),
            etag=seen.etag,
            display_name=name,
            description=description,
            assignee=None if assignee is None else analyst_name(assignee),
            followed=follow,
            added_cases=_names(opened, add),
            removed_cases=_names(opened, remove),
        )
        changed = opened.stub.UpdateGroup(request, timeout=opened.timeout, metadata=opened.metadata)
        _show(opened, changed, json=json)


def _group(opened: Desk, group: str) -> Group:
    return opened.stub.GetGroup(
        GetGroupRequest(name=group_name(group)), timeout=opened.timeout, metadata=opened.metadata
    )


def _names(opened: Desk, cases: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(opened.seen(case).name for case in cases))


def _show(opened: Desk, group: Group, *, json: bool) -> None:
    if json:
        output.json(group)
        return
    wanted = CaseFilter(group=group.name)
    cases = opened.cases(wanted, CaseOrder.CASE_ORDER_OLDEST, _MOST)
    parts: list[RenderableType] = [
        output.pairs(
            [
                ("group", group.name.removeprefix("groups/")),
                ("name", group.display_name),
                ("description", group.description),
                ("held by", group.assignee),
                ("followed", "yes" if group.followed else "no"),
                ("made", moment(group.create_time)),
                ("changed", moment(group.update_time)),
                ("tied, not in it", str(group.new_link_count)),
            ]
        )
    ]
    if cases:
        parts += [Text(), view.cases(cases)]
    output.out().print(Parts(*parts))
