"""`sekisho review`: figures, and files of cases."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.cli import output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.failures import CommandError
from sekisho.cli.moments import parse_moment
from sekisho.cli.review import figures_view
from sekisho.cli.review.calls import DispositionName, QueueName, case_filter, desk
from sekisho.v1.review_figures_pb2 import GetFiguresRequest
from sekisho.v1.review_queue_pb2 import ExportCasesRequest


def stats(
    *,
    since: str = "",
    until: str = "",
    shop: str = "",
    json: bool = False,
    connection: Connection = LOCAL,
) -> None:
    """Show the figures of a range: how much, how fast, how right.

    Parameters
    ----------
    since
        From then on: date or time, Japan time unless it says otherwise; 30 days ago by default.
    until
        Before then; now by default.
    shop
        Only of this shop.
    json
        Print the figures as JSON.
    connection
        How to reach the server.

    """
    now = datetime.now(UTC)
    request = GetFiguresRequest(
        start_time=_moment("--since", since, now - timedelta(days=30)),
        end_time=_moment("--until", until, now + timedelta(seconds=1)),
        shop=shop,
    )
    with desk(connection) as opened:
        found = opened.stub.GetFigures(request, timeout=opened.timeout, metadata=opened.metadata)
    if json:
        output.json(found)
    else:
        output.out().print(figures_view.figures(found))


def export(
    file: Path | None = None,
    *,
    format_: Annotated[
        Literal["csv", "jsonl"], Parameter(name="--format", show_default=True)
    ] = "csv",
    queue: tuple[QueueName, ...] = (),
    shop: str = "",
    since: str = "",
    until: str = "",
    disposition: tuple[DispositionName, ...] = (),
    connection: Connection = LOCAL,
) -> None:
    """Write cases to a file, newest first. The trail keeps who took it, and by which filter.

    Parameters
    ----------
    file
        Where to; standard output by default.
    format_
        csv or jsonl.
    queue
        Only these queues; may be given several times.
    shop
        Only of this shop.
    since
        Decided from then on: date or time, Japan time unless it says otherwise.
    until
        Decided before.
    disposition
        What was found; may be given several times.
    connection
        How to reach the server.

    """
    request = ExportCasesRequest(
        filter=case_filter(
            queue=queue, shop=shop, since=since, until=until, disposition=disposition
        ),
        format=(
            ExportCasesRequest.FORMAT_CSV
            if format_ == "csv"
            else ExportCasesRequest.FORMAT_JSON_LINES
        ),
    )
    with desk(connection) as opened:
        # Without a deadline of its own: a file takes the time that it takes.
        parts = opened.stub.ExportCases(request, metadata=opened.metadata)
        if file is None:
            for part in parts:
                sys.stdout.buffer.write(part.content)
            sys.stdout.buffer.flush()
            return
        # Aside first: a file that broke off is not there.
        aside = file.with_name(f".{file.name}.part")
        try:
            with aside.open("wb") as written:
                for part in parts:
                    written.write(part.content)
            aside.replace(file)
        except OSError as error:
            raise CommandError(f"{file}: cannot be written: {error.strerror}") from None
        finally:
            aside.unlink(missing_ok=True)
    output.out().print(f"{file} is written", markup=False)


def _moment(option: str, text: str, otherwise: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(otherwise)
    try:
        return parse_moment(text) if text else stamp
    except ValueError as error:
        raise CommandError(f"{option}: {error}") from None
