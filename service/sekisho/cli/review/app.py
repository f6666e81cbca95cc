"""`sekisho review`: its commands, those that look first."""

from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Group
from rich.text import Text

from sekisho.cli import case_view, output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.failures import CommandError
from sekisho.cli.review import view
from sekisho.cli.review.calls import (
    DispositionName,
    OrderName,
    QueueName,
    analyst_name,
    case_filter,
    case_order,
    desk,
    resource_name,
)
from sekisho.v1.review_act_pb2 import ListTrailRequest
from sekisho.v1.review_link_pb2 import ListGroupsRequest, ListLinksRequest
from sekisho.v1.review_queue_pb2 import (
    CountCasesRequest,
    ListCasesResponse,
)

app = App(name="review", help="Review step-ups, see what ties them, feed back what was found.")
for _module, _name, _help in (
    ("acts", "take", "Claim the case that is to be reviewed next."),
    ("acts", "claim", "Claim a case, or prolong the own claim."),
    ("acts", "release", "Give a claim back."),
    ("acts", "reassign", "Hand a case to another analyst."),
    ("acts", "approve", "Let an open step-up pass: the shop's terminal is told at once."),
    ("acts", "decline", "Fail an open step-up."),
    ("acts", "demand", "Ask the shop for one more challenge."),
    ("acts", "escalate", "Put a case before the team's seniors."),
    ("acts", "note", "Add a note to a case."),
    ("acts", "disposition", "Say what was found."),
    ("fraud", "block", "Put a case's identifiers on a watchlist and lock its line."),
    ("fraud", "report", "Report fraud that came to light later."),
    ("reports", "stats", "Show the figures of a range: how much, how fast, how right."),
    ("rules", "rules", "Show the rules of the policy in force."),
    ("reports", "export", "Write cases to a file. The trail keeps who took it."),
):
    app.command(f"sekisho.cli.review.{_module}:{_name}", name=_name, help=_help)

app.command("sekisho.cli.review.group:app", name="group", help="Keep a group of cases.")

_DEFAULT_QUEUES: tuple[QueueName, ...] = ("fraud_team",)


@app.command(name="list")
def list_(
    *,
    queue: tuple[QueueName, ...] = (),
    everything: bool = False,
    order: Annotated[OrderName, Parameter(show_default=True)] = "risk",
    most: Annotated[int, Parameter(show_default=True)] = 20,
    reason: str = "",
    shop: str = "",
    assignee: str = "",
    disposition: tuple[DispositionName, ...] = (),
    number: str = "",
    group: str = "",
    fingerprint: str = "",
    since: str = "",
    until: str = "",
    min_risk: float = 0,
    overdue: bool = False,
    missed: bool = False,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """List what waits, and how much there is; what waits for the fraud team unless told otherwise.

    Parameters
    ----------
    queue
        Only these queues; may be given several times.
    everything
        All decisions, also those that wait nowhere; newest first.
    order
        risk, newest, oldest or due.
    most
        How many cases to show.
    reason
        Code of a rule that fired.
    shop
        The shop.
    assignee
        Who holds it: a name, `me` or `none`.
    disposition
        What was found; may be given several times.
    number
        The beginning of a case number.
    group
        The group.
    fingerprint
        An identifier's fingerprint, as `sekisho review show` has it.
    since
        Decided from then on: date or time, Japan time unless it says otherwise.
    until
        Decided before.
    min_risk
        Risk of at least this.
    overdue
        Only those past their due time.
    missed
        Only frauds that sekisho let pass.
    json
        Print the cases as JSON.
    connection
        How to reach the server.

    """
    if everything and queue:
        raise CommandError("--everything and --queue exclude each other")
    wanted = case_filter(
        queue=queue or (() if everything else _DEFAULT_QUEUES),
        reason=reason,
        shop=shop,
        assignee=assignee,
        disposition=disposition,
        number=number,
        group=group,
        fingerprint=fingerprint,
        since=since,
        until=until,
        min_risk=min_risk,
        overdue=overdue,
        missed=missed,
    )
    with desk(connection) as opened:
        found = opened.cases(wanted, case_order(order), most)
        if json:
            output.json(ListCasesResponse(cases=found))
            return
        counted = opened.stub.CountCases(
            CountCasesRequest(), timeout=opened.timeout, metadata=opened.metadata
        )
    output.out().print(view.counts(counted))
    output.out().print()
    output.out().print(view.cases(found) if found else "nothing here")


@app.command
def show(
    case: str, *, json: bool = False, all_facts: bool = False, connection: Connection = LOCAL
) -> None:
    """Show a case: the decision with all that led to it, its review, and what was done.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    json
        Print the case as JSON.
    all_facts
        Show every fact that the policy could read.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        found = opened.case(case)
    if json:
        output.json(found)
        return
    shown = case_view.shown(found, all_facts=all_facts)
    output.out().print(
        Group(
            shown,
            Text(),
            Text("Review", "bold underline"),
            view.review(found.summary, found.trail),
        )
    )


@app.command
def links(
    case: str,
    *,
    steps: Annotated[Literal[0, 1, 2, 3], Parameter(show_default=True)] = 3,
    days: Annotated[int, Parameter(show_default=True)] = 90,
    most: Annotated[int, Parameter(show_default=True)] = 100,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Show all decisions that share something with a case, and what ties them.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    steps
        How far to go; 0 until nothing new is found.
    days
        Among decisions made this long before or after it.
    most
        How many cases to show at most, the nearest first.
    json
        Print the answer as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        answer = opened.stub.ListLinks(
            ListLinksRequest(name=opened.seen(case).name, steps=steps, days=days, max_cases=most),
            timeout=opened.timeout,
            metadata=opened.metadata,
        )
    if json:
        output.json(answer)
    else:
        output.out().print(view.links(answer))


@app.command
def groups(
    *,
    mine: bool = False,
    followed: bool = False,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """List the groups of cases, those changed last first.

    Parameters
    ----------
    mine
        Only those that the caller holds.
    followed
        Only those that the caller follows.
    json
        Print the answer as JSON.
    connection
        How to reach the server.

    """
    request = ListGroupsRequest(assignee="me" if mine else "", followed=followed, page_size=1000)
    with desk(connection) as opened:
        answer = opened.stub.ListGroups(request, timeout=opened.timeout, metadata=opened.metadata)
    if json:
        output.json(answer)
    else:
        output.out().print(view.groups(answer.groups) if answer.groups else "no groups")


@app.command
def trail(
    case: str = "",
    *,
    actor: str = "",
    act: str = "",
    most: Annotated[int, Parameter(show_default=True)] = 50,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Show what analysts did, newest first.

    Parameters
    ----------
    case
        Only of this case: case number, or id (decisions/… or the UUID alone).
    actor
        Only by this analyst.
    act
        Only this act, for example approved.
    most
        How many entries to show.
    json
        Print the answer as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        name = resource_name(case)
        if case and "/" not in name:
            name = opened.seen(case).name
        answer = opened.stub.ListTrail(
            ListTrailRequest(case=name, actor=analyst_name(actor), act=act, page_size=most),
            timeout=opened.timeout,
            metadata=opened.metadata,
        )
    if json:
        output.json(answer)
    else:
        found = answer.trail_entries
        output.out().print(view.entries(found) if found else "nothing was done")
