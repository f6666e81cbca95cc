"""`sekisho decision`: shows a decision to the fraud team, or follows it as a terminal does."""

from cyclopts import App

from sekisho.cli import case_view, decision_view, output
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import Exit
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.review_pb2 import Case, GetCaseRequest
from sekisho.v1.review_pb2_grpc import ReviewServiceStub
from sekisho.v1.risk_check_pb2 import WatchDecisionRequest
from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceStub

_UUID_LENGTH = 36

app = App(name="decision", help="Show or follow a decision.")


@app.command
def show(
    decision: str,
    *,
    json: bool = False,
    all_facts: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Show a decision with all that led to it, as the fraud team sees it.

    Parameters
    ----------
    decision
        Id (decisions/… or the UUID alone) or case number.
    json
        Print the case as JSON.
    all_facts
        Show every fact that the policy could read.
    connection
        How to reach the server.

    """
    case = get_case(decision, connection)
    if json:
        output.json(case)
    else:
        output.out().print(case_view.shown(case, all_facts=all_facts))


@app.command
def watch(decision: str, *, json: bool = False, connection: Connection = LOCAL) -> int:
    """Follow a decision as a terminal does, until it is final.

    Parameters
    ----------
    decision
        Id (decisions/… or the UUID alone).
    json
        Print each state as JSON.
    connection
        How to reach the server.

    """
    stood = Decision()
    with channel(connection) as opened:
        # Without a deadline: the fraud team takes the time that it takes.
        for stood in RiskCheckServiceStub(opened).WatchDecision(
            WatchDecisionRequest(name=resource_name(decision)), metadata=connection.metadata
        ):
            if json:
                output.json(stood)
            else:
                output.out().print(decision_view.shown(stood))
                output.out().print()
    passed = {Decision.STATE_ALLOWED, Decision.STATE_COMPLETED}
    return Exit.OK if stood.state in passed else Exit.STEP_UP


def get_case(decision: str, connection: Connection) -> Case:
    """Ask for a case. Raises CommandError."""
    with channel(connection) as opened:
        return ReviewServiceStub(opened).GetCase(
            GetCaseRequest(name=resource_name(decision)),
            timeout=connection.timeout,
            metadata=connection.metadata,
        )


def resource_name(decision: str) -> str:
    """Return `decisions/{uuid}` of a bare UUID; anything else as it is."""
    return f"decisions/{decision}" if len(decision) == _UUID_LENGTH else decision
