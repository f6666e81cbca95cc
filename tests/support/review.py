"""The fraud team's desk over gRPC, as tests use it."""

import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from sekisho import settings
from sekisho.starting import derived, read_keys
from sekisho.tokens import KEY_PURPOSE, Tokens
from sekisho.v1 import decision_pb2, review_act_pb2, review_queue_pb2
from tests.support.server import Client
from tests.support.service import Whole, forged, until

COUNTER = review_queue_pb2.QUEUE_COUNTER
AFTERWARDS = review_queue_pb2.QUEUE_AFTERWARDS
FRAUD_TEAM = review_queue_pb2.QUEUE_FRAUD_TEAM
WAITING = (FRAUD_TEAM, COUNTER)
CaseFilter = review_queue_pb2.CaseFilter
CaseSummary = review_queue_pb2.CaseSummary


def new_id() -> str:
    """A request's id."""
    return str(uuid.uuid4())


@dataclass
class Desk:
    """One analyst at the desk."""

    service: Whole
    client: Client
    token: str = ""

    async def call(self, method: str, request: Message) -> Any:
        """Call a method of ReviewService."""
        metadata = (("authorization", f"Bearer {self.token}"),) if self.token else None
        return await getattr(self.client.review, method)(request, timeout=10, metadata=metadata)

    async def step_up(self, line: int = 0, shop: str = "ginza") -> decision_pb2.Decision:
        """Make a step-up at a counter, and wait until the desk has it."""
        decision = await self.service.assess(forged(line, shop))
        await self.indexed(decision)
        return decision

    async def indexed(self, decision: decision_pb2.Decision) -> None:
        """Wait until the index follows a decision."""

        async def there() -> bool:
            wanted = CaseFilter(case_number=decision.case_number)
            return bool(await self.listed(wanted))

        await until(there)

    async def listed(
        self, wanted: review_queue_pb2.CaseFilter, order: int = 0
    ) -> list[review_queue_pb2.CaseSummary]:
        """Return all cases of a filter, page by page."""
        found: list[review_queue_pb2.CaseSummary] = []
        token = ""
        while True:
            request = review_queue_pb2.ListCasesRequest(
                filter=wanted,
                order=order,  # type: ignore[arg-type]
                page_size=7,
                page_token=token,
            )
            answer = await self.call("ListCases", request)
            found += answer.cases
            token = answer.next_page_token
            if not token:
                return found

    async def case(self, decision: decision_pb2.Decision) -> review_queue_pb2.CaseSummary:
        """Return a case as it is now."""
        return (await self.service.case(decision)).summary

    async def take(
        self, wanted: review_queue_pb2.CaseFilter | None = None
    ) -> review_queue_pb2.CaseSummary:
        """Take the next case."""
        request = review_act_pb2.TakeNextCaseRequest(request_id=new_id(), filter=wanted)
        answer: review_queue_pb2.CaseSummary = await self.call("TakeNextCase", request)
        return answer

    async def claim(
        self, case: review_queue_pb2.CaseSummary, etag: str = ""
    ) -> review_queue_pb2.CaseSummary:
        """Claim a case."""
        request = review_act_pb2.ClaimCaseRequest(name=case.name, request_id=new_id(), etag=etag)
        answer: review_queue_pb2.CaseSummary = await self.call("ClaimCase", request)
        return answer

    async def approve(
        self, case: review_queue_pb2.CaseSummary, note: str = "called the customer"
    ) -> review_queue_pb2.CaseSummary:
        """Approve a case as it was seen."""
        request = review_act_pb2.ApproveCaseRequest(
            name=case.name, request_id=new_id(), etag=case.etag, note=note
        )
        answer: review_queue_pb2.CaseSummary = await self.call("ApproveCase", request)
        return answer

    async def decline(
        self, case: review_queue_pb2.CaseSummary, note: str = "the photograph was pasted in"
    ) -> review_queue_pb2.CaseSummary:
        """Decline a case as it was seen."""
        request = review_act_pb2.DeclineCaseRequest(
            name=case.name, request_id=new_id(), etag=case.etag, note=note
        )
        answer: review_queue_pb2.CaseSummary = await self.call("DeclineCase", request)
        return answer

    async def demand(
        self, case: review_queue_pb2.CaseSummary, challenge: int
    ) -> review_queue_pb2.CaseSummary:
        """Demand one more challenge."""
        request = review_act_pb2.DemandChallengeRequest(
            name=case.name,
            request_id=new_id(),
            etag=case.etag,
            challenge=challenge,  # type: ignore[arg-type]
        )
        answer: review_queue_pb2.CaseSummary = await self.call("DemandChallenge", request)
        return answer

    async def dispose(
        self, case: review_queue_pb2.CaseSummary, disposition: int
    ) -> review_queue_pb2.CaseSummary:
        """Say what was found."""
        request = review_act_pb2.SetDispositionRequest(
            name=case.name,
            request_id=new_id(),
            etag=case.etag,
            disposition=disposition,  # type: ignore[arg-type]
        )
        answer: review_queue_pb2.CaseSummary = await self.call("SetDisposition", request)
        return answer

    async def trail(self, case: str = "") -> list[tuple[str, str, str]]:
        """Return what was done, oldest first: act, actor, summary."""
        request = review_act_pb2.ListTrailRequest(case=case, page_size=1000)
        answer = await self.call("ListTrail", request)
        return [(e.act, e.actor, e.summary) for e in reversed(answer.trail_entries)]


def keys_file(folder: Path) -> Path:
    """Return the keys of the service in a folder."""
    file = folder / "keys.toml"
    file.write_text(f'[[keys]]\nid = "k1"\nsecret = "{"ab" * 32}"\n')
    return file


def other(desk: Desk, folder: Path, name: str) -> Desk:
    """Return another analyst at the same desk, of the service in a folder."""
    return Desk(desk.service, desk.client, token(folder, name))


def token(folder: Path, name: str) -> str:
    """Return the token of an analyst at the service in a folder, by its keys file."""
    given = {"SEKISHO_DATA_DIR": str(folder), "SEKISHO_KEYS_FILE": str(folder / "keys.toml")}
    read = read_keys(settings.load(given))
    return Tokens(derived(read, KEY_PURPOSE)).issue("analyst", name, time.time(), 3600)
