"""Decisions as the service makes them: about 213 facts, 8 identifiers, 10 keys, 3 reasons."""

import hashlib
import random
import uuid
from collections.abc import Mapping
from dataclasses import replace

import uuid_utils

from sekisho.application.ports.cache import Try
from sekisho.application.ports.ledger import (
    Account,
    KeptIdentifier,
    NewDecision,
    NewEvent,
    Once,
)
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Judgement,
    Reason,
    Standing,
    StepUp,
    UnevaluatedRule,
    Verdict,
)
from sekisho.domain.facts import FACTS, NEVER_SECONDS, FactType, FactValue
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.domain.velocity import Attribute, Dimension, Mark

NOW = 1_790_000_000_000
"""2026-09-21, in Unix milliseconds."""

HALF_HOUR = 1_800_000

_ASKED = (Challenge(ChallengeKind.READ_CHIP, ChallengeState.OPEN),)

_WORDS: Mapping[str, FactValue] = {
    "change.kind": "sim_reissue",
    "change.cause": "lost",
    "change.relationship": "subscriber",
    "change.new_sim": "iccid",
    "document.types": ("driving_licence",),
    "document.chip_outcome": "read",
    "document.face_comparison": "match",
    "document.jpki_result": "not_checked",
    "line.holder": "consumer",
    "shop.prefecture": "JP-13",
    "watchlist.lists": (),
    "signals.missing": (),
}


_NUMBERS = [name for name, fact in FACTS.items() if fact.type is FactType.INT]

RULES = [
    (
        f"rule_number_{number}_of_the_policy",
        number + number % 2 / 2,
        (ChallengeKind.READ_CHIP, ChallengeKind.SECOND_DOCUMENT),
        tuple(random.Random(number).sample(_NUMBERS, 3)),
    )
    for number in range(25)
]
"""Code, weight, demands and facts of each rule."""


def fingerprint(*what: object) -> bytes:
    """Return a pseudonym that is always the same for the same words."""
    return hashlib.sha256(repr(what).encode()).digest()[:16]


def facts(rng: random.Random) -> dict[str, FactValue]:
    """Return every fact, as an ordinary request has them: most counts are small."""
    found: dict[str, FactValue] = {}
    for name, fact in FACTS.items():
        if name in _WORDS:
            found[name] = _WORDS[name]
        elif "seconds_since" in name:
            found[name] = NEVER_SECONDS if rng.random() < 0.8 else rng.randrange(10_000_000)
        elif fact.type is FactType.BOOL:
            found[name] = rng.random() < 0.5
        elif fact.type is FactType.INT:
            found[name] = min(int(rng.expovariate(0.5)), 400)
        elif fact.type is FactType.DOUBLE:
            found[name] = rng.randrange(28 * 60) / 28
        elif fact.type is FactType.STRING:
            found[name] = "word"
        else:
            found[name] = ()
    return found


def account(rng: random.Random, verdict: Verdict = Verdict.ALLOW) -> Account:
    """Return why."""
    every = facts(rng)
    reasons = tuple(
        Reason(code, weight, False, demands, {name: every[name] for name in names})
        for code, weight, demands, names in rng.sample(RULES, 3)
    )
    return Account(
        facts=every,
        judgement=Judgement(
            verdict=verdict,
            score=67.5,
            threshold=50.0,
            demands=(ChallengeKind.READ_CHIP,) if verdict is Verdict.STEP_UP else (),
            reasons=reasons,
            unevaluated=(UnevaluatedRule("line_locked", ("line.locked",), False),),
            policy_version="default@5f2c9e0d7a31",
        ),
        missing=(),
        hits=(),
        watchlist_versions={"mules": 12, "sanctions": 3},
        trace_id=rng.randbytes(16),
        timings_us={"observe": rng.randrange(300, 3_000), "decide": rng.randrange(50, 300)},
    )


def standing(
    rng: random.Random,
    shop: str = "shinjuku-3",
    verdict: Verdict = Verdict.ALLOW,
    at: int = NOW,
) -> Standing:
    """Return where a new decision stands."""
    open_ = verdict is Verdict.STEP_UP
    return Standing(
        decision_id=uuid_utils.uuid7().bytes,
        request_id=str(uuid.UUID(bytes=rng.randbytes(16), version=4)),
        shop=shop,
        case_number="".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8)),
        revision=0,
        verdict=verdict,
        state=DecisionState.STEP_UP_OPEN if open_ else DecisionState.ALLOWED,
        decided_at=at,
        expires_at=at + HALF_HOUR,
        degraded=False,
        step_up=(
            StepUp((Challenge(ChallengeKind.READ_CHIP, ChallengeState.OPEN),))
            if open_
            else StepUp()
        ),
    )


def decision(
    seed: object = 0,
    *,
    shop: str = "shinjuku-3",
    clerk: str = "clerk-1",
    verdict: Verdict = Verdict.ALLOW,
    at: int = NOW,
) -> NewDecision:
    """Return a decision; the same for the same seed, but for its id."""
    rng = random.Random(repr(seed))
    stands = standing(rng, shop, verdict, at)
    of = {
        "line": fingerprint("line", seed),
        "document": fingerprint("document", seed),
        "sim": fingerprint("sim", seed),
        "device": fingerprint("device", seed),
        "contact": fingerprint("contact", seed),
        "applicant": fingerprint("applicant", seed),
        "clerk": fingerprint("clerk", shop, clerk),
    }
    masked = {
        "line": "+8190****1234",
        "document": "3012****5600",
        "sim": "8981****2345",
        "device": "3569****4321",
        "contact": "ta***@ex***.jp",
        "applicant": "山*太* (1985)",
        "clerk": "****42",
    }
    shop_fingerprint = fingerprint("shop", shop)
    identifiers = [KeptIdentifier(role, masked[role], of[role]) for role in of]
    identifiers.insert(2, KeptIdentifier("document", "TK****678", fingerprint("second", seed)))
    return NewDecision(
        once=Once(shop, stands.request_id, rng.randbytes(16)),
        standing=stands,
        terminal="t-1",
        kind=ChangeKind.SIM_REISSUE,
        cause=Cause.LOST,
        identifiers=tuple(identifiers),
        attempt=Try(
            try_id=rng.randbytes(8),
            at=at,
            keys=(
                (Dimension.LINE, of["line"]),
                (Dimension.DOCUMENT, of["document"]),
                (Dimension.DOCUMENT, fingerprint("second", seed)),
                (Dimension.SIM, of["sim"]),
                (Dimension.DEVICE, of["device"]),
                (Dimension.CONTACT, of["contact"]),
                (Dimension.APPLICANT, of["applicant"]),
                (Dimension.SHOP, shop_fingerprint),
                (Dimension.TERMINAL, fingerprint("terminal", shop)),
                (Dimension.CLERK, of["clerk"]),
            ),
            attributes={
                Attribute.LINE: of["line"],
                Attribute.DOCUMENT: of["document"],
                Attribute.SIM: of["sim"],
                Attribute.DEVICE: of["device"],
                Attribute.CONTACT: of["contact"],
                Attribute.BIRTH_DATE: fingerprint("birth", seed),
                Attribute.SHOP: shop_fingerprint,
                Attribute.CLERK: of["clerk"],
            },
            reissue=0,
        ),
        account=account(rng, verdict),
        sealed_change=rng.randbytes(900) if verdict is Verdict.STEP_UP else None,
    )


def event(
    before: Standing,
    state: DecisionState,
    *,
    kind: str = "evidence",
    at: int = NOW + 60_000,
    once: Once | None = None,
    marks: tuple[Mark, ...] = (),
    sealed_change: bytes | None = None,
) -> NewEvent:
    """Return the event that takes a decision to its next revision, in the given state."""
    return NewEvent(
        once=once,
        kind=kind,
        at=at,
        terminal="t-2",
        summary="read_chip satisfied",
        standing=replace(
            before,
            revision=before.revision + 1,
            state=state,
            verdict=Verdict.ALLOW if state is DecisionState.ALLOWED else before.verdict,
        ),
        marks=marks,
        sealed_change=sealed_change,
    )


def once(caller: str = "shinjuku-3", body: bytes = b"\x01" * 16) -> Once:
    """Return what makes a call idempotent, with a request_id of its own."""
    return Once(caller, str(uuid.uuid4()), body)
