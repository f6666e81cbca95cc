"""Calls of ReviewService that the commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from google.protobuf.message import Message

from sekisho.cli.client import Connection, channel
from sekisho.cli.failures import CommandError
from sekisho.cli.moments import parse_moment
from sekisho.cli.requests import new_request_id
from sekisho.v1.review_pb2 import Case, GetCaseRequest
from sekisho.v1.review_pb2_grpc import ReviewServiceStub
from sekisho.v1.review_queue_pb2 import (
    CaseFilter,
    CaseOrder,
    CaseSummary,
    Disposition,
    ListCasesRequest,
    Queue,
)

QueueName = Literal["fraud_team", "counter", "degraded", "afterwards"]
OrderName = Literal["risk", "newest", "oldest", "due"]
DispositionName = Literal["confirmed_fraud", "suspected", "legitimate", "undetermined"]

_UUID_LENGTH = 36
_PAGE = 500


class Desk:
    """ReviewService over an open channel."""

    def __init__(self, stub: ReviewServiceStub, connection: Connection) -> None:
        self.stub = stub
        self.timeout = connection.timeout
        self.metadata = connection.metadata

    def case(self, name: str) -> Case:
        """Return a case by its decision, a bare UUID or a case number."""
        return self.stub.GetCase(
            GetCaseRequest(name=resource_name(name)), timeout=self.timeout, metadata=self.metadata
        )

    def seen(self, name: str) -> CaseSummary:
        """Return a case as it is now: what is done next is done to this."""
        return self.case(name).summary

    def act(self, method: str, request: type[Message], case: str, **fields: object) -> CaseSummary:
        """Do one act to a case as it is now, and return it as it is then."""
        seen = self.seen(case)
        asked = request(name=seen.name, request_id=request_id(), etag=seen.etag, **fields)
        done: CaseSummary = getattr(self.stub, method)(
            asked, timeout=self.timeout, metadata=self.metadata
        )
        return done

    def cases(self, wanted: CaseFilter, order: CaseOrder.ValueType, most: int) -> list[CaseSummary]:
        """Return up to `most` cases, page by page."""
        found: list[CaseSummary] = []
        request = ListCasesRequest(filter=wanted, order=order, page_size=min(most, _PAGE))
        while True:
            page = self.stub.ListCases(request, timeout=self.timeout, metadata=self.metadata)
            found += page.cases
            if len(found) >= most or not page.next_page_token:
                return found[:most]
            request.page_token = page.next_page_token


@contextmanager
def desk(connection: Connection) -> Iterator[Desk]:
    """Open the desk; what goes wrong in a call within becomes a CommandError."""
    with channel(connection) as opened:
        yield Desk(ReviewServiceStub(opened), connection)


def resource_name(case: str) -> str:
    """Return `decisions/{uuid}` of a bare UUID; anything else as it is."""
    return f"decisions/{case}" if len(case) == _UUID_LENGTH else case


def group_name(group: str) -> str:
    """Return `groups/{id}` of a bare id."""
    return group if not group or group.startswith("groups/") else f"groups/{group}"


def analyst_name(name: str) -> str:
    """Return `analyst/{name}` of a bare name; `me` and `none` as they are."""
    return name if not name or name in ("me", "none") or "/" in name else f"analyst/{name}"


def request_id() -> str:
    """Return the id of a new request."""
    return new_request_id()


def case_filter(
    *,
    queue: tuple[QueueName, ...] = (),
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
) -> CaseFilter:
    """Return the filter of options."""
    wanted = CaseFilter(
        queues=[Queue.Value(f"QUEUE_{name.upper()}") for name in queue],
        reason=reason,
        shop=shop,
        assignee=analyst_name(assignee),
        dispositions=[Disposition.Value(f"DISPOSITION_{name.upper()}") for name in disposition],
        case_number=number,
        group=group_name(group),
        fingerprint=fingerprint,
        min_risk=min_risk,
    )
    for option, text, stamp in (
        ("--since", since, wanted.start_time),
        ("--until", until, wanted.end_time),
    ):
        if text:
            try:
                stamp.CopyFrom(parse_moment(text))
            except ValueError as error:
                raise CommandError(f"{option}: {error}") from None
    if overdue:
        wanted.overdue = True
    if missed:
        wanted.missed = True
    return wanted


def case_order(name: OrderName) -> CaseOrder.ValueType:
    """Return an order by its name."""
    if name == "risk":
        return CaseOrder.CASE_ORDER_UNSPECIFIED
    return CaseOrder.Value(f"CASE_ORDER_{name.upper()}")
