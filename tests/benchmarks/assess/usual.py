"""What somebody else would build: FastAPI, one pipeline of Redis commands, a SQLAlchemy insert.

    python -m tests.benchmarks.assess.usual --redis PORT --database PATH

The facts and the rules are sekisho's own, as are fingerprints and texts. What differs is the way
to them: JSON by HTTP, validation by Pydantic, sorted sets counted in Python, one commit a decision.
Nothing tells here whether the cache is complete: what is not in Redis did not happen.
"""

import argparse
import secrets
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.application.appraise import japan
from sekisho.application.line_facts import line_facts, reissue_facts
from sekisho.application.line_record import knowledge_of
from sekisho.application.ports.cache import Observed
from sekisho.application.ports.shops import Shop
from sekisho.application.reentry import reentry_fields
from sekisho.application.shop_facts import shop_facts
from sekisho.application.subject import Identify, Subject
from sekisho.application.velocity_facts import velocity_facts
from sekisho.domain import case_number, clerk_texts, step_up
from sekisho.domain.change_facts import change_facts
from sekisho.domain.decision import DecisionState, MissingSignal, Standing, StepUp, Verdict
from sekisho.domain.documents.facts import document_facts
from sekisho.domain.facts import FactValue
from sekisho.domain.facts.watchlist import WATCHLIST_FACTS
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.sim_change import Counter, SimChange
from sekisho.domain.velocity import Mark
from tests.benchmarks.assess.usual_request import Request
from tests.benchmarks.assess.usual_store import EXPIRY_MS, Decisions, Lists, Tries

_SHOPS: Final[dict[str, Shop]] = {}
_LANGUAGE: Final = clerk_texts.LANGUAGES[0]
_NO_HITS: Final[dict[str, FactValue]] = dict.fromkeys((f.name for f in WATCHLIST_FACTS), 0)


class Asked(BaseModel):
    kind: str
    state: str
    instruction: str
    wait_until_time: datetime | None
    fields: tuple[str, ...]


class Answer(BaseModel):
    name: str
    request_id: str
    case_number: str
    verdict: str
    state: str
    decide_time: datetime
    expire_time: datetime
    instruction: str
    challenges: list[Asked]


class Assess:
    """The act itself: identify, observe, judge, record, answer."""

    def __init__(self, tries: Tries, decisions: Decisions) -> None:
        # Nothing of a benchmark is read again under the same key.
        self._fingerprinter = Fingerprinter([("usual", secrets.token_bytes(32))])
        self._identify = Identify(self._fingerprinter)
        self._policy = load_default_policy()
        self._tries = tries
        self._decisions = decisions

    async def __call__(self, request: Request) -> Answer:
        """Assess what is asked; a repeat gets the answer of the first."""
        now = time.time_ns() // 1_000_000
        change, request_id = request.sim_change.asked(), str(request.request_id)
        counter = Counter(request.shop, request.terminal)
        subject = self._identify(change, counter, request_id, now)
        observed, hits = await self._tries.observe(subject, now)
        facts, missing = self._facts(change, counter, subject, observed, hits, now)
        judgement = self._policy.decide(facts, missing)
        asked = StepUp()
        if judgement.verdict is Verdict.STEP_UP:
            fields = reentry_fields(change, japan(now).date())
            wait_ms = self._policy.wait_seconds * 1000
            asked = step_up.begin(judgement.demands, now, wait_ms, fields)
        allowed = judgement.verdict is Verdict.ALLOW
        id_, case = self._fingerprinter.decision_id(counter.shop, request_id)
        standing = Standing(
            decision_id=id_,
            request_id=request_id,
            shop=counter.shop,
            case_number=case_number.make(case),
            revision=0,
            verdict=judgement.verdict,
            state=DecisionState.ALLOWED if allowed else DecisionState.STEP_UP_OPEN,
            decided_at=now,
            expires_at=step_up.expires_at(asked, now, EXPIRY_MS),
            degraded=False,
            step_up=asked,
        )
        answer = _answer(standing)
        row = {
            "id": standing.decision_id,
            "shop": standing.shop,
            "request_id": standing.request_id,
            "case_number": standing.case_number,
            "verdict": standing.verdict,
            "state": standing.state,
            "decided_at": standing.decided_at,
            "expires_at": standing.expires_at,
            "terminal": counter.terminal,
            "kind": change.kind,
            "cause": change.cause,
            "answer": answer.model_dump(mode="json"),
            "identifiers": [
                {"role": kept.role, "masked": kept.masked, "fingerprint": kept.fingerprint.hex()}
                for kept in subject.identifiers
            ],
            "facts": facts,
            "missing": missing,
            "reasons": judgement.reasons,
            "unevaluated": judgement.unevaluated,
            "score": judgement.score,
            "policy_version": judgement.policy_version,
        }
        before = await self._decisions.record(row)
        if before is not None:
            return Answer.model_validate(before)
        if not allowed:
            await self._tries.mark(subject.attempt, Mark.STEP_UP, now)
        return answer

    def _facts(
        self,
        change: SimChange,
        counter: Counter,
        subject: Subject,
        observed: Observed,
        hits: Lists,
        now: int,
    ) -> tuple[dict[str, FactValue], list[MissingSignal]]:
        local, policy, record = japan(now), self._policy, change.line_record
        shop = _SHOPS.get(counter.shop)
        where = shop.prefecture if shop else ""
        told = knowledge_of(record, self._fingerprinter) if record else None
        velocity, missing = velocity_facts(subject.attempt, observed.counts, now)
        line, unknown = line_facts(change, subject, observed, told, where, self._fingerprinter, now)
        missing += unknown
        digit = subject.attempt.reissue
        facts: dict[str, FactValue] = {
            **change_facts(change, local.date(), local.hour, local.isoweekday()),
            **document_facts(
                change.documents,
                change.applicant,
                local.date(),
                policy.accepted_documents,
                policy.expiry_grace_days,
            ),
            **velocity,
            **shop_facts(shop, None, counter, change.clerk, local),
            **line,
            **reissue_facts(digit, observed.counts, subject, told or observed.line, complete=True),
            **_watchlist_facts(hits),
            "signals.complete": not missing,
            "signals.missing": tuple(sorted({signal.signal for signal in missing})),
        }
        return facts, missing


def _watchlist_facts(hits: Lists) -> dict[str, FactValue]:
    facts = _NO_HITS | {"watchlist.lists": tuple(sorted({name for name, _ in hits}))}
    names = [f"watchlist.{each.role}.{'weak_hits' if each.weak else 'hits'}" for _, each in hits]
    return facts | {name: names.count(name) for name in names}


def _answer(standing: Standing) -> Answer:
    return Answer(
        name=f"decisions/{UUID(bytes=standing.decision_id)}",
        request_id=standing.request_id,
        case_number=standing.case_number,
        verdict=f"VERDICT_{standing.verdict.name}",
        state=f"STATE_{standing.state.name}",
        decide_time=_moment(standing.decided_at),
        expire_time=_moment(standing.expires_at),
        instruction=clerk_texts.instruction(standing, _LANGUAGE),
        challenges=[
            Asked(
                kind=f"CHALLENGE_KIND_{each.kind.name}",
                state=f"STATE_{each.state.name}",
                instruction=clerk_texts.challenge_instruction(each.kind, _LANGUAGE),
                wait_until_time=None if each.wait_until is None else _moment(each.wait_until),
                fields=each.fields,
            )
            for each in standing.step_up.challenges
        ],
    )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


def service(redis: int, database: Path, port: int) -> FastAPI:
    """Return the service, which prints its port once it is ready."""
    tries, decisions = Tries(redis), Decisions(database)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        await decisions.create()
        print(port, flush=True)
        yield
        await tries.close()
        await decisions.close()

    app = FastAPI(lifespan=running)
    assess = Assess(tries, decisions)

    @app.post("/assess")
    async def assess_sim_change(request: Request) -> Answer:
        return await assess(request)

    return app


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--redis", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    given = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    app = service(given.redis, given.database, listening.getsockname()[1])
    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
