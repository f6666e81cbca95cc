"""`sekisho review`: what is done to a case. Each is done to the case as it was just read."""

from typing import Literal

from sekisho.cli import output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.review import view
from sekisho.cli.review.calls import (
    DispositionName,
    QueueName,
    analyst_name,
    case_filter,
    desk,
    request_id,
)
from sekisho.v1 import review_act_pb2
from sekisho.v1.decision_pb2 import ChallengeKind
from sekisho.v1.review_queue_pb2 import CaseSummary, Disposition

ChallengeName = Literal[
    "read_chip",
    "second_document",
    "confirm_on_current_sim",
    "call_registered_contact",
    "supervisor",
]


def take(
    *, queue: tuple[QueueName, ...] = (), json: bool = False, connection: Connection = LOCAL
) -> None:
    """Claim the case that is to be reviewed next: the highest risk, of equal ones the oldest.

    Parameters
    ----------
    queue
        Only from these queues; else where the counter waits, and then afterwards.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    request = review_act_pb2.TakeNextCaseRequest(
        request_id=request_id(), filter=case_filter(queue=queue)
    )
    with desk(connection) as opened:
        _shown(
            opened.stub.TakeNextCase(request, timeout=opened.timeout, metadata=opened.metadata),
            json,
        )


def claim(case: str, *, json: bool = False, connection: Connection = LOCAL) -> None:
    """Claim a case, or prolong the own claim.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(opened.act("ClaimCase", review_act_pb2.ClaimCaseRequest, case), json)


def release(case: str, *, json: bool = False, connection: Connection = LOCAL) -> None:
    """Give a claim back.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(opened.act("ReleaseCase", review_act_pb2.ReleaseCaseRequest, case), json)


def reassign(
    case: str, analyst: str, *, note: str = "", json: bool = False, connection: Connection = LOCAL
) -> None:
    """Hand a case to another analyst.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    analyst
        To whom.
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(
            opened.act(
                "ReassignCase",
                review_act_pb2.ReassignCaseRequest,
                case,
                assignee=analyst_name(analyst),
                note=note,
            ),
            json,
        )


def approve(case: str, *, note: str, json: bool = False, connection: Connection = LOCAL) -> None:
    """Let an open step-up pass: the shop's terminal is told at once.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(opened.act("ApproveCase", review_act_pb2.ApproveCaseRequest, case, note=note), json)


def decline(case: str, *, note: str, json: bool = False, connection: Connection = LOCAL) -> None:
    """Fail an open step-up.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(opened.act("DeclineCase", review_act_pb2.DeclineCaseRequest, case, note=note), json)


def demand(
    case: str,
    challenge: ChallengeName,
    *,
    note: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Ask the shop for one more challenge.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    challenge
        What.
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(
            opened.act(
                "DemandChallenge",
                review_act_pb2.DemandChallengeRequest,
                case,
                challenge=ChallengeKind.Value(f"CHALLENGE_KIND_{challenge.upper()}"),
                note=note,
            ),
            json,
        )


def escalate(case: str, *, note: str, json: bool = False, connection: Connection = LOCAL) -> None:
    """Put a case before the team's seniors: first in its queue.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(
            opened.act("EscalateCase", review_act_pb2.EscalateCaseRequest, case, note=note), json
        )


def note(case: str, text: str, *, json: bool = False, connection: Connection = LOCAL) -> None:
    """Add a note to a case, also to one that another holds.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    text
        The note.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        request = review_act_pb2.AddNoteRequest(
            name=opened.seen(case).name, request_id=request_id(), note=text
        )
        _shown(opened.stub.AddNote(request, timeout=opened.timeout, metadata=opened.metadata), json)


def disposition(
    case: str,
    found: DispositionName,
    *,
    note: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Say what was found. It may be said again: the trail keeps both.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    found
        What.
    note
        Why.
    json
        Print the case as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        _shown(
            opened.act(
                "SetDisposition",
                review_act_pb2.SetDispositionRequest,
                case,
                disposition=Disposition.Value(f"DISPOSITION_{found.upper()}"),
                note=note,
            ),
            json,
        )


def _shown(case: CaseSummary, json: bool) -> None:
    if json:
        output.json(case)
    else:
        output.out().print(view.review(case))
