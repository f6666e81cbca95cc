"""`sekisho assess`: asks whether a SIM change may go on."""

from typing import Annotated

from cyclopts import Parameter

from sekisho.cli import decision_view, output, requests
from sekisho.cli.client import LOCAL, Connection, channel
from sekisho.cli.failures import CommandError, Exit
from sekisho.v1.decision_pb2 import Decision, Verdict
from sekisho.v1.risk_check_pb2 import AssessSimChangeRequest
from sekisho.v1.risk_check_pb2_grpc import RiskCheckServiceStub


def assess(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    json: bool = False,
    validate_only: bool = False,
    connection: Connection = LOCAL,
) -> int:
    """Ask whether a SIM change may go on.

    Exits with 0 for ALLOW and 10 for STEP_UP. Where no verdict can be had, the exit code says
    why, and the change is to be treated as STEP_UP.

    Parameters
    ----------
    file
        The request: AssessSimChangeRequest as JSON (protobuf's mapping); - is standard input.
        Without a requestId it gets a fresh one; send the same one to repeat a request.
    json
        Print the decision as JSON.
    validate_only
        Assess without recording anything.
    connection
        How to reach the server.

    """
    request = requests.read(file, AssessSimChangeRequest())
    fresh = not request.request_id
    if fresh:
        request.request_id = requests.new_request_id()
    if validate_only:
        request.validate_only = True
    try:
        decision = send(request, connection)
    except CommandError as error:
        error.hint = "\n".join(filter(None, (error.hint, decision_view.TREAT_AS_STEP_UP)))
        raise

    if json:
        output.json(decision)
    else:
        output.out().print(decision_view.shown(decision))
        if fresh and not request.validate_only:
            output.out().print(output.pairs([("request id", f"{request.request_id} (fresh)")]))
    return Exit.OK if decision.verdict == Verdict.VERDICT_ALLOW else Exit.STEP_UP


def send(request: AssessSimChangeRequest, connection: Connection) -> Decision:
    """Send one request. Raises CommandError."""
    with channel(connection) as opened:
        return RiskCheckServiceStub(opened).AssessSimChange(
            request, timeout=connection.timeout, metadata=connection.metadata
        )
