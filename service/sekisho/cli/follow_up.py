"""`sekisho evidence` and `sekisho outcome`: what a shop does after a decision."""

from typing import Annotated, Literal

from cyclopts import Parameter

from sekisho.cli import decision_view, output, requests
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.decision import resource_name
from sekisho.cli.failures import Exit
from sekisho.v1.decision_pb2 import Decision
from sekisho.v1.risk_check_pb2 import ReportOutcomeRequest, SubmitEvidenceRequest
from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceStub


def evidence(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    decision: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> int:
    """Send what was brought back for the challenges of a step-up.

    Exits with 0 once the change may go on, and with 10 while it may not.

    Parameters
    ----------
    file
        The request: SubmitEvidenceRequest as JSON (protobuf's mapping); - is standard input.
        Without a requestId it gets a fresh one.
    decision
        The decision, where the file does not name it.
    json
        Print the decision as JSON.
    connection
        How to reach the server.

    """
    request = requests.read(file, SubmitEvidenceRequest())
    request.request_id = request.request_id or requests.new_request_id()
    if decision:
        request.name = resource_name(decision)
    with channel(connection) as opened:
        stood = RiskCheckServiceStub(opened).SubmitEvidence(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    _print(stood, json=json)
    return Exit.OK if stood.state == Decision.STATE_ALLOWED else Exit.STEP_UP


def outcome(
    decision: str,
    outcome: Literal["completed", "abandoned", "refused"],
    *,
    shop: str = "",
    terminal: str = "",
    request_id: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Report what became of a SIM change.

    Parameters
    ----------
    decision
        Id (decisions/… or the UUID alone).
    outcome
        What became of it.
    shop
        The shop; needed only without TLS.
    terminal
        The terminal; needed only without TLS.
    request_id
        UUID, to repeat a report; a fresh one otherwise.
    json
        Print the decision as JSON.
    connection
        How to reach the server.

    """
    request = ReportOutcomeRequest(
        name=resource_name(decision),
        request_id=request_id or requests.new_request_id(),
        shop=shop,
        terminal=terminal,
        outcome=ReportOutcomeRequest.Outcome.Value(f"OUTCOME_{outcome.upper()}"),
    )
    with channel(connection) as opened:
        stood = RiskCheckServiceStub(opened).ReportOutcome(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
    _print(stood, json=json)


def _print(decision: Decision, *, json: bool) -> None:
    if json:
        output.json(decision)
    else:
        output.out().print(decision_view.shown(decision))
