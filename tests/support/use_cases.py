"""Use cases that keep what they were called with and answer as they are told.

They stand in for the application, and for nothing else, where a test is about the API alone.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sekisho.adapters.policy.conditions import conditions
from sekisho.adapters.policy.toml import load_default_policy
from sekisho.application.cases import CaseChange
from sekisho.application.lines import ReportedLineEvent
from sekisho.application.ports.ledger import Case, Once
from sekisho.application.ports.review import (
    CaseFilter,
    CaseOrder,
    CaseSummary,
    Group,
    GroupFilter,
    Place,
    QueueCount,
    TrailEntry,
    TrailFilter,
    TrailRow,
)
from sekisho.application.ports.shops import Shop
from sekisho.application.ports.watchlists import ImportResult, NewEntry, Watchlist, WatchlistEntry
from sekisho.application.rules import Rules
from sekisho.application.use_cases import UseCases
from sekisho.domain.decision import DecisionState, Standing, StepUp, Verdict
from sekisho.domain.errors import NotFoundError, RequestIdReusedError
from sekisho.domain.evidence import Evidence, Outcome
from sekisho.domain.review import Queue
from sekisho.domain.sim_change import ChangeKind, Counter, LineRecord, SimChange
from sekisho.domain.watched import WatchedIdentifier
from tests.support.clock import NOW

DECISION_ID = bytes.fromhex("0199b0f0aaaa7bbb8cccddddeeeeffff")

STANDING = Standing(
    decision_id=DECISION_ID,
    request_id="",
    shop="ginza",
    case_number="ABCD2345",
    revision=0,
    verdict=Verdict.ALLOW,
    state=DecisionState.ALLOWED,
    decided_at=NOW,
    expires_at=NOW + 1_800_000,
    degraded=False,
    step_up=StepUp(),
)

SUMMARY = CaseSummary(
    decision_id=DECISION_ID,
    case_number="ABCD2345",
    decided_at=NOW,
    expires_at=NOW + 1_800_000,
    kind=ChangeKind.SIM_REISSUE,
    shop="ginza",
    terminal="t1",
    line="••••5678",
    state=DecisionState.STEP_UP_OPEN,
    verdict=Verdict.STEP_UP,
    degraded=False,
    risk=140.0,
    reasons=("chip_unread",),
    open_challenges=(),
    queue=Queue.COUNTER,
    due_at=NOW + 1_800_000,
    assignee="",
    lease_expires_at=None,
    escalated=False,
    disposition=None,
    missed=False,
    group="",
    revision=0,
    review_revision=1,
)

WATCHLIST = Watchlist("mules", 1, "Mules", "", 7, 2, NOW, NOW)


@dataclass
class Told:
    """What the use cases answer, and what they were asked."""

    standing: Standing = STANDING
    error: BaseException | None = None
    wait: asyncio.Event | None = None
    """Where set, every call waits for it."""
    case: Case | None = None
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shops: list[Shop] = field(default_factory=list)
    watchlists: list[Watchlist] = field(default_factory=list)
    entries: list[WatchlistEntry] = field(default_factory=list)
    finished: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    watched: asyncio.Queue[Standing] = field(default_factory=asyncio.Queue)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def asked(self, what: str, **arguments: object) -> None:
        """Keep a call, and wait or raise as told."""
        self.calls.append((what, arguments))
        self.came.set()
        if self.wait is not None:
            await self.wait.wait()
        if self.error is not None:
            raise self.error

    async def called(self, times: int = 1) -> None:
        """Wait until there were that many calls."""
        while len(self.calls) < times:
            self.came.clear()
            await self.came.wait()

    @property
    def last(self) -> dict[str, Any]:
        """The arguments of the latest call."""
        return self.calls[-1][1]

    @property
    def names(self) -> list[str]:
        """The calls, by name."""
        return [name for name, _ in self.calls]

    def use_cases(self) -> UseCases:
        """Return them as a transport takes them."""
        return cast(UseCases, _UseCases(self))


class _UseCases:
    def __init__(self, told: Told) -> None:
        self._told = told
        self.read_decision = _ReadDecision(told)
        self.lines = _Lines(told)
        self.watchlists = _Watchlists(told)
        self.shops = _Shops(told)
        self.review = _Review(told)
        self.desk = _Desk(told)

    async def assess(
        self,
        change: SimChange,
        counter: Counter,
        once: Once,
        *,
        record_counts: bool,
        validate_only: bool,
        timeout: float,
        trace_id: bytes = b"",
    ) -> Standing:
        await self._told.asked(
            "assess",
            change=change,
            counter=counter,
            once=once,
            record_counts=record_counts,
            validate_only=validate_only,
            timeout=timeout,
            trace_id=trace_id,
        )
        return replace(self._told.standing, request_id=once.request_id, shop=counter.shop)

    async def submit_evidence(
        self,
        decision_id: bytes,
        counter: Counter,
        once: Once,
        evidence: tuple[Evidence, ...],
        *,
        timeout: float,
        trace_id: bytes = b"",
    ) -> Standing:
        await self._told.asked(
            "submit_evidence",
            decision_id=decision_id,
            counter=counter,
            once=once,
            evidence=evidence,
            timeout=timeout,
            trace_id=trace_id,
        )
        return self._told.standing

    async def report_outcome(
        self, decision_id: bytes, counter: Counter, once: Once, outcome: Outcome
    ) -> Standing:
        await self._told.asked(
            "report_outcome", decision_id=decision_id, counter=counter, once=once, outcome=outcome
        )
        return self._told.standing


class _ReadDecision:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def get(self, decision_id: bytes, shop: str | None) -> Standing:
        await self._told.asked("get", decision_id=decision_id, shop=shop)
        if shop not in (None, self._told.standing.shop):
            raise NotFoundError("no such decision")
        return self._told.standing

    async def watch(self, decision_id: bytes, shop: str | None) -> AsyncIterator[Standing]:
        yield await self.get(decision_id, shop)
        while True:
            yield await self._told.watched.get()


class _Lines:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def upsert(self, once: Once, msisdn: str, record: LineRecord, record_at: int) -> None:
        await self._told.asked(
            "upsert", once=once, msisdn=msisdn, record=record, record_at=record_at
        )

    async def record_events(
        self, caller: str, events: Sequence[ReportedLineEvent]
    ) -> tuple[int, int]:
        await self._told.asked("record_events", caller=caller, events=events)
        new = len({event.event_id for event in events})
        return new, len(events) - new


class _Watchlists:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def create(
        self, once: Once, watchlist_id: str, display_name: str, description: str
    ) -> Watchlist:
        await self._told.asked("create", once=once, watchlist_id=watchlist_id)
        return replace(
            WATCHLIST, id=watchlist_id, display_name=display_name, description=description
        )

    async def get(self, watchlist_id: str) -> Watchlist:
        await self._told.asked("get_watchlist", watchlist_id=watchlist_id)
        return replace(WATCHLIST, id=watchlist_id)

    async def list(self, after: str, most: int) -> Sequence[Watchlist]:
        await self._told.asked("list", after=after, most=most)
        return [each for each in self._told.watchlists if each.id > after][:most]

    async def delete(self, once: Once, watchlist_id: str, version: int | None) -> None:
        await self._told.asked("delete", once=once, watchlist_id=watchlist_id, version=version)

    async def add_entry(self, once: Once, watchlist_id: str, entry: NewEntry) -> WatchlistEntry:
        await self._told.asked("add_entry", once=once, watchlist_id=watchlist_id, entry=entry)
        return WatchlistEntry(
            watchlist=watchlist_id,
            fingerprint=b"\x22" * 16,
            kind=entry.identifier.kind,
            masked=entry.identifier.masked,
            weak=entry.identifier.weak,
            reason=entry.reason,
            source=entry.source,
            starts_at=entry.starts_at,
            expires_at=entry.expires_at,
            created_at=NOW,
        )

    async def remove_entry(self, once: Once, watchlist_id: str, fingerprint: bytes) -> None:
        await self._told.asked(
            "remove_entry", once=once, watchlist_id=watchlist_id, fingerprint=fingerprint
        )

    async def entries(self, watchlist_id: str, after: bytes, most: int) -> Sequence[WatchlistEntry]:
        await self._told.asked("entries", watchlist_id=watchlist_id, after=after, most=most)
        return [each for each in self._told.entries if each.fingerprint > after][:most]

    async def look_up(self, identifier: WatchedIdentifier) -> Sequence[WatchlistEntry]:
        await self._told.asked("look_up", identifier=identifier)
        return self._told.entries

    async def begin_import(self, once: Once, watchlist_id: str) -> "_Run":
        await self._told.asked("begin_import", once=once, watchlist_id=watchlist_id)
        return _Run(self._told, once.request_id)


class _Run:
    def __init__(self, told: Told, request_id: str) -> None:
        self._told = told
        self._request_id = request_id
        self._count = 0

    async def add(self, entries: Sequence[NewEntry]) -> None:
        await self._told.asked("add", entries=entries)
        self._count += len(entries)

    async def finish(self, body_digest: bytes) -> ImportResult:
        await self._told.asked("finish", body_digest=body_digest)
        if self._told.finished.setdefault(self._request_id, body_digest) != body_digest:
            raise RequestIdReusedError("this request_id imported another stream before")
        return ImportResult(WATCHLIST, self._count, 0, 0, 0)

    async def abandon(self) -> None:
        self._told.calls.append(("abandon", {}))
        self._told.came.set()


class _Shops:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def replace(self, once: Once, shops: Sequence[Shop]) -> tuple[int, int, int]:
        await self._told.asked("replace", once=once, shops=shops)
        return len(shops), 0, 0

    async def get(self, shop_id: str) -> Shop:
        await self._told.asked("get_shop", shop_id=shop_id)
        for shop in self._told.shops:
            if shop.id == shop_id:
                return shop
        raise NotFoundError("no such shop")

    async def list(self, after: str, most: int) -> Sequence[Shop]:
        await self._told.asked("list_shops", after=after, most=most)
        return [each for each in self._told.shops if each.id > after][:most]


class _Review:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def case(self, decision_id: bytes) -> Case:
        await self._told.asked("case", decision_id=decision_id)
        assert self._told.case is not None
        return self._told.case

    async def case_by_number(self, case_number: str) -> Case:
        await self._told.asked("case_by_number", case_number=case_number)
        assert self._told.case is not None
        return self._told.case

    async def rule_texts(self, policy_version: str) -> Mapping[str, Mapping[str, str]]:
        return self._told.texts


class _Desk:
    def __init__(self, told: Told) -> None:
        self.cases = _Cases(told)
        self.trail = _Trail()
        self.groups = _Groups()
        self.report_fraud = None
        self.rules = Rules(load_default_policy, conditions)


class _Cases:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def page(
        self, wanted: CaseFilter, order: CaseOrder, after: Place | None, most: int
    ) -> Sequence[CaseSummary]:
        await self._told.asked("page", wanted=wanted, order=order, after=after, most=most)
        return []

    async def counts(self, wanted: CaseFilter) -> Sequence[QueueCount]:
        await self._told.asked("counts", wanted=wanted)
        return []

    async def summary(self, decision_id: bytes) -> CaseSummary:
        return replace(SUMMARY, decision_id=decision_id)

    async def watch(self, wanted: CaseFilter) -> AsyncIterator[CaseChange]:
        await self._told.asked("watch", wanted=wanted)
        yield CaseChange()


class _Trail:
    async def exported(self, actor: str, wanted: str) -> None:
        return None

    async def page(self, wanted: TrailFilter, after: int, most: int) -> Sequence[TrailRow]:
        return []

    async def of_case(self, decision_id: bytes, most: int) -> Sequence[TrailEntry]:
        return [TrailEntry(NOW, "analyst/sato", "noted", decision_id, "ABCD2345", "", "a note")]


class _Groups:
    async def page(
        self, wanted: GroupFilter, after: tuple[int, str] | None, most: int
    ) -> Sequence[Group]:
        return []
