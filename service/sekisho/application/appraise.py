"""Appraise a SIM change: gather every fact about it, and let the policy judge them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sekisho.application.abreast import abreast
from sekisho.application.begun import Begun
from sekisho.application.directory import Directory
from sekisho.application.line_facts import line_facts, reissue_facts
from sekisho.application.line_record import knowledge_of
from sekisho.application.ports.cache import (
    Cache,
    LineKnowledge,
    Observation,
    Observed,
    Watched,
)
from sekisho.application.ports.ledger import Account
from sekisho.application.ports.watchlists import WatchlistLedger
from sekisho.application.reentry import reentry_fields
from sekisho.application.shop_facts import shop_facts
from sekisho.application.subject import Identify, Subject
from sekisho.application.velocity_facts import velocity_facts
from sekisho.domain.change_facts import change_facts
from sekisho.domain.decision import ChallengeKind, MissingCause, MissingSignal, WatchlistHit
from sekisho.domain.documents.facts import document_facts
from sekisho.domain.errors import LedgerUnavailableError
from sekisho.domain.facts import FactValue
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.policy import Policy, hold
from sekisho.domain.sim_change import Counter, SimChange
from sekisho.domain.value import value

JAPAN = ZoneInfo("Asia/Tokyo")

_ROLES = ("document", "line", "device", "sim", "applicant", "contact")
_NO_HITS: dict[str, dict[str, FactValue]] = {
    f"watchlist.{role}": {f"watchlist.{role}.{s}": 0 for s in ("hits", "weak_hits")}
    for role in _ROLES
}
_LISTS = "watchlist.lists"


_LEDGER = MissingSignal("ledger", MissingCause.LEDGER_UNAVAILABLE)


@value
class Appraisal:
    """A subject, and the account of why it was judged as it was.

    `reentry_fields` are the paths of typed numbers to enter again, where that is demanded.
    `journaled`: its very try is noted as answered from a journal. `uncounted`: see Observed.
    """

    subject: Subject
    account: Account
    reentry_fields: tuple[str, ...]
    journaled: bool
    uncounted: tuple[int, ...]

    def without_ledger(self) -> "Appraisal":
        """Return the appraisal as it is where the ledger cannot take its decision: no ALLOW."""
        account = self.account
        if _LEDGER in account.missing:
            return self
        missing = (*account.missing, _LEDGER)
        held = replace(
            account,
            facts={**account.facts, **_signals_facts(missing)},
            missing=missing,
            judgement=hold(account.judgement),
        )
        return replace(self, account=held)


@value
class _Told:
    """What a request says by itself: the facts that need no history, the line's record where it
    counts, and the shop's prefecture. `shops_known`: the facts of the shop are there."""

    facts: dict[str, FactValue]
    record: LineKnowledge | None
    prefecture: str
    shops_known: bool


def japan(now: int) -> datetime:
    """Return a moment (Unix ms) as the clocks in Japan show it."""
    return datetime.fromtimestamp(now / 1000, JAPAN)


class Appraise:
    """One round trip to the cache; the ledger is asked only where a watchlist may match."""

    def __init__(
        self,
        cache: Cache,
        watchlists: WatchlistLedger,
        directory: Directory,
        fingerprinter: Fingerprinter,
        *,
        cache_budget: float,
        ledger_budget: float,
        expiry_ms: int,
    ) -> None:
        """Take the stores, and the longest waits for each of them in seconds."""
        self._cache = cache
        self._watchlists = watchlists
        self._directory = directory
        self._fingerprinter = fingerprinter
        self._identify = Identify(fingerprinter)
        self._cache_budget = cache_budget
        self._ledger_budget = ledger_budget
        self._expiry_ms = expiry_ms

    async def __call__(
        self,
        policy: Policy,
        change: SimChange,
        counter: Counter,
        request_id: str,
        now: int,
        *,
        tried_at: int,
        record: bool,
        record_counts: bool,
        ledger_behind: bool,
        timeout: float,
        trace_id: bytes = b"",
    ) -> Appraisal:
        """Appraise `change` by `policy` as of `now`; its try was first made at `tried_at`: Unix ms.

        `record` False counts no try. `record_counts`: the line record in the request comes from
        the carrier. `ledger_behind`: the journal holds decisions that the ledger has not got.
        `timeout` is what is left of the caller's deadline, in seconds. Raises TimeoutError where
        that is over: nobody would read what the ledger then keeps.
        """
        started = time.perf_counter_ns()
        subject = self._identify(change, counter, request_id, tried_at)
        await abreast()
        observation = Observation(
            now=now,
            attempt=subject.attempt,
            record=record,
            line=subject.line,
            watched=subject.watched,
            expiry_ms=self._expiry_ms,
        )
        observing = Begun(self._cache.observe(observation, min(self._cache_budget, timeout)))
        await abreast()
        # While the cache works.
        told = self._told(change, counter, policy, record_counts, now)
        observed = await observing
        observed_ns = time.perf_counter_ns()
        missing = list(observed.missing)
        hits: tuple[WatchlistHit, ...] = ()
        if observed.watch_candidates:
            try:
                async with asyncio.timeout(min(self._ledger_budget, timeout)):
                    hits = await self._confirm(observed.watch_candidates, now)
            except (LedgerUnavailableError, TimeoutError):
                ledger_behind = True
                missing.append(MissingSignal("watchlist", MissingCause.LEDGER_UNAVAILABLE))
        facts = self._facts(change, subject, observed, told, now, missing)
        await abreast()
        versions = self._watchlist_facts(observed, hits, facts, missing)
        facts.update(_signals_facts(missing))
        judgement = policy.decide(facts, missing)
        await abreast()
        done = time.perf_counter_ns()
        if done - started >= timeout * 1e9:
            raise TimeoutError
        timings = {
            "observe": (observed_ns - started) // 1000,
            "decide": (done - observed_ns) // 1000,
        }
        appraisal = Appraisal(
            subject,
            Account(facts, judgement, tuple(missing), hits, versions, trace_id, timings),
            (
                reentry_fields(change, japan(now).date())
                if ChallengeKind.REENTER_NUMBER in judgement.demands
                else ()
            ),
            observed.journaled,
            observed.uncounted,
        )
        return appraisal.without_ledger() if ledger_behind else appraisal

    def _told(
        self,
        change: SimChange,
        counter: Counter,
        policy: Policy,
        record_counts: bool,
        now: int,
    ) -> _Told:
        local = japan(now)
        today = local.date()
        facts = change_facts(change, today, local.hour, local.isoweekday())
        facts.update(
            document_facts(
                change.documents,
                change.applicant,
                today,
                policy.accepted_documents,
                policy.expiry_grace_days,
            )
        )
        shops = self._directory.shops
        prefecture = ""
        if shops is not None:
            shop = shops.get(counter.shop)
            rate = self._directory.rates.get(counter.shop)
            prefecture = shop.prefecture if shop else ""
            facts.update(shop_facts(shop, rate, counter, change.clerk, local))
        record = (
            knowledge_of(change.line_record, self._fingerprinter)
            if record_counts and change.line_record is not None
            else None
        )
        return _Told(facts, record, prefecture, shops is not None)

    def _facts(
        self,
        change: SimChange,
        subject: Subject,
        observed: Observed,
        told: _Told,
        now: int,
        missing: list[MissingSignal],
    ) -> dict[str, FactValue]:
        facts = told.facts
        velocity, uncovered = velocity_facts(subject.attempt, observed.counts, now)
        facts.update(velocity)
        missing.extend(uncovered)
        if not told.shops_known:
            missing.append(MissingSignal("shop", MissingCause.BEHIND_LEDGER))
        line, unknown = line_facts(
            change, subject, observed, told.record, told.prefecture, self._fingerprinter, now
        )
        facts.update(line)
        missing.extend(unknown)
        incomplete = any(m.signal in ("velocity", "velocity.document") for m in missing)
        facts.update(
            reissue_facts(
                subject.attempt.reissue,
                observed.counts,
                subject,
                told.record or observed.line,
                complete=not incomplete,
            )
        )
        return facts

    async def _confirm(self, candidates: Sequence[Watched], now: int) -> tuple[WatchlistHit, ...]:
        """Ask the ledger which lists hold the candidates now; the cache only narrows them down."""
        asked: dict[bytes, list[Watched]] = {}
        for candidate in candidates:
            asked.setdefault(candidate.fingerprint, []).append(candidate)
        return tuple(
            WatchlistHit(
                entry.watchlist,
                candidate.role,
                entry.source,
                entry.reason,
                entry.starts_at if entry.starts_at is not None else entry.created_at,
                entry.weak or candidate.weak,
            )
            for entry in await self._watchlists.find(list(asked))
            if (entry.starts_at is None or entry.starts_at <= now)
            and (entry.expires_at is None or now < entry.expires_at)
            for candidate in asked[entry.fingerprint]
        )

    def _watchlist_facts(
        self,
        observed: Observed,
        hits: Sequence[WatchlistHit],
        facts: dict[str, FactValue],
        missing: list[MissingSignal],
    ) -> dict[str, int]:
        """Add the watchlists' facts, and return the versions consulted.

        A list that the cache does not hold in its current version makes "no hit" unknown, and so
        does a part of the cache that is away, for the roles looked up there; a hit that was found
        stays one.
        """
        versions = self._directory.watchlist_versions
        if observed.watchlists_loaded is None or versions is None:
            complete = False
            if not any(signal.signal == "watchlist" for signal in missing):
                missing.append(MissingSignal("watchlist", MissingCause.WATCHLIST_NOT_LOADED))
        else:
            loaded = observed.watchlists_loaded
            complete = all(loaded.get(name, 0) >= version for name, version in versions.items())
            if not complete:
                missing.append(MissingSignal("watchlist", MissingCause.WATCHLIST_NOT_LOADED))
        complete = complete and not any(signal.signal == "watchlist" for signal in missing)
        found: dict[str, int] = {}
        for hit in hits:
            name = f"watchlist.{hit.role}.{'weak_hits' if hit.weak else 'hits'}"
            found[name] = found.get(name, 0) + 1
        unread = {signal.signal: signal.cause for signal in missing if signal.signal in _NO_HITS}
        if complete:
            for role, no_hits in _NO_HITS.items():
                if role not in unread:
                    facts.update(no_hits)
        facts.update(found)
        if hits or (complete and not unread):
            facts[_LISTS] = tuple(sorted({hit.watchlist for hit in hits}))
        elif complete:
            missing.append(MissingSignal(_LISTS, next(iter(unread.values()))))
        return dict(versions or {})


def _signals_facts(missing: Sequence[MissingSignal]) -> dict[str, FactValue]:
    return {
        "signals.complete": not missing,
        "signals.missing": tuple(sorted({signal.signal for signal in missing})),
    }
