"""`sekisho review`: what follows from fraud."""

from typing import Annotated, Literal

from cyclopts import Parameter
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.cli import output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.failures import CommandError
from sekisho.cli.moments import parse_moment
from sekisho.cli.review import fraud_file, view
from sekisho.cli.review.calls import desk, request_id, resource_name
from sekisho.v1 import review_act_pb2

RoleName = Literal["line", "card", "sim", "device", "contact"]
SourceName = Literal["customer", "bank", "police", "carrier"]


def block(
    case: str,
    *roles: RoleName,
    note: str,
    watchlist: Annotated[str, Parameter(show_default=True)] = "confirmed-fraud",
    expires: str = "",
    lock_line: bool = False,
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Put a case's identifiers on a watchlist and lock its line, together or not at all.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    roles
        Which identifiers: line, card, sim, device, contact.
    note
        Why. It becomes the entries' reason, so no personal data.
    watchlist
        The list; it is made where it does not exist.
    expires
        Until when the entries count: date or time, Japan time unless it says otherwise.
    lock_line
        Lock the line: assessments of it step up until the carrier lifts the lock.
    json
        Print the answer as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        seen = opened.seen(case)
        request = review_act_pb2.BlockIdentifiersRequest(
            name=seen.name,
            request_id=request_id(),
            etag=seen.etag,
            roles=roles,
            watchlist=f"watchlists/{watchlist.removeprefix('watchlists/')}" if roles else "",
            expire_time=_moment("--expires", expires),
            lock_line=lock_line,
            note=note,
        )
        answer = opened.stub.BlockIdentifiers(
            request, timeout=opened.timeout, metadata=opened.metadata
        )
    if json:
        output.json(answer)
        return
    for entry in answer.entries:
        output.out().print(f"{entry} counts from now on", markup=False)
    if lock_line:
        output.out().print(f"line {answer.case.line} is locked", markup=False)


def report(
    case: str = "",
    *,
    msisdn: str = "",
    file: str = "",
    source: SourceName,
    at: str = "",
    note: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Report fraud that came to light later, by a case, by the line that was taken over, or by a
    file of both.

    Parameters
    ----------
    case
        Case number, or id (decisions/… or the UUID alone).
    msisdn
        The line: the decisions on it that let a change pass within the 30 days before.
    file
        CSV, - for standard input: a case or a line, then maybe when it happened, and a note. Sent
        again it reports nothing twice.
    source
        Who says so.
    at
        When the fraud happened: date or time, Japan time unless it says otherwise.
    note
        What is known.
    json
        Print the answer as JSON.
    connection
        How to reach the server.

    """
    if sum(map(bool, (case, msisdn, file))) != 1 or (file and at):
        raise CommandError("expected a case, --msisdn, or --file, which has its own times")
    said = review_act_pb2.FraudSource.Value(f"FRAUD_SOURCE_{source.upper()}")
    if file:
        _report_file(fraud_file.read(file, said, note), json=json, connection=connection)
        return
    request = review_act_pb2.ReportFraudRequest(
        request_id=request_id(),
        source=said,
        fraud_time=_moment("--at", at),
        note=note,
    )
    if case:
        request.decision = resource_name(case)
    else:
        request.msisdn = msisdn
    with desk(connection) as opened:
        answer = opened.stub.ReportFraud(request, timeout=opened.timeout, metadata=opened.metadata)
    if json:
        output.json(answer)
    else:
        found = answer.cases
        nothing = "no decision on this line let a change pass in that time"
        output.out().print(view.cases(found) if found else nothing)


def _report_file(rows: list[fraud_file.Row], *, json: bool, connection: Connection) -> None:
    with desk(connection) as opened:
        cases, refused = fraud_file.report(opened, rows, connection)
    if json:
        output.json(review_act_pb2.ReportFraudResponse(cases=cases))
    elif cases:
        output.out().print(view.cases(cases))
    if refused:
        raise CommandError(f"{len(refused)} of {len(rows)} rows met no case", fields=refused)


def _moment(option: str, text: str) -> Timestamp | None:
    try:
        return parse_moment(text) if text else None
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None
