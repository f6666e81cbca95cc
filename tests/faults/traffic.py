"""The requests that clients send: each made from its name alone, so that any process can send
the same one, and the checker knows what was in it."""

import random
import uuid
from collections.abc import Sequence
from datetime import date

from stdnum import luhn

from sekisho.domain.documents import licence_number
from sekisho.v1 import decision_pb2, risk_check_pb2, sim_change_pb2
from tests.support.service import ordinary

SHOPS = tuple(f"shop-{number}" for number in range(20))
METHOD = "assess"
EVIDENCE = "evidence"
OUTCOME = "outcome"
AGAIN = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "RESOURCE_EXHAUSTED"})
"""Statuses after which a terminal asks again."""
_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ"
_POOL = 6

Random = random.Random


def seeded(*parts: object) -> Random:
    """Return a source of chance that is the same in every process."""
    return Random("/".join(map(str, parts)))


def shop_of(body: str) -> str:
    """Return the shop of a request."""
    return seeded("shop", body).choice(SHOPS)


def request_id(body: str) -> str:
    """Return the id of a request, or of a call about one."""
    return str(uuid.UUID(int=seeded("id", body).getrandbits(128), version=4))


def terminal_of(body: str) -> str:
    """Return the terminal of a request: seldom the same one twice."""
    return f"t{seeded('terminal', body).randrange(100_000)}"


def assess(body: str, variant: int = 0) -> risk_check_pb2.AssessSimChangeRequest:
    """Return the request of a name. Its first word says what it is.

    `fresh`: nobody and nothing in it was seen before. `line/…`: the same few people come again.
    `card/…`: one of a few cards, read by eye only, for one victim after another. `same/NAME/…`:
    NAME's card, its chip in order, for ever more victims.
    """
    word, _, rest = body.partition("/")
    chance = seeded("who", body, variant)
    person = seeded("person", body, variant)
    card = person
    if word == "line":
        person = card = seeded("line", chance.randrange(_POOL))
    elif word == "card":
        card = seeded("card", chance.randrange(_POOL))
    elif word == "same":
        card = seeded("same", rest.partition("/")[0])
    request = ordinary(shop_of(body), terminal_of(body))
    request.request_id = request_id(body)
    _person(request.sim_change, person)
    _card(request.sim_change, card)
    request.sim_change.clerk = f"c{chance.randrange(1_000_000)}"
    if word == "card":
        for field in ("chip", "captures", "face_comparison"):
            request.sim_change.documents[0].ClearField(field)
    return request


def _digits(chance: Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _checked(front: str) -> str:
    return front + luhn.calc_check_digit(front)


def _person(change: sim_change_pb2.SimChange, chance: Random) -> None:
    change.msisdn = f"+8190{chance.randrange(1, 10)}{_digits(chance, 7)}"
    change.iccid = _checked(f"8981100{_digits(chance, 11)}")
    change.imei = _checked(f"49{_digits(chance, 12)}")
    change.contact = f"{_digits(chance, 12)}@example.jp"
    kana = "".join(chance.choices(_KANA, k=6))
    change.applicant.name_kana = f"{kana[:3]} {kana[3:]}"
    born = date(chance.randrange(1955, 1999), 5, 5).isoformat()
    change.applicant.birth_date = born
    record = change.line_record
    record.name_kana, record.birth_date = change.applicant.name_kana, born


def _card(change: sim_change_pb2.SimChange, chance: Random) -> None:
    document = change.documents[0]
    while True:
        number = f"3016{_digits(chance, 7)}0"
        if licence_number.check_digit_holds(number):
            break
    document.number = number
    document.chip.face_image_digest = chance.randbytes(32)
    change.line_record.document_number = number


def evidence(body: str, decision: str, *, valid: bool) -> risk_check_pb2.SubmitEvidenceRequest:
    """Return the evidence for a request's step-up: its card once more, the chip read now."""
    asked = assess(body)
    document = sim_change_pb2.IdentityDocument()
    document.CopyFrom(ordinary().sim_change.documents[0])
    document.number = asked.sim_change.documents[0].number
    document.chip.face_image_digest = seeded("face", body).randbytes(32)
    if not valid:
        document.chip.signature = sim_change_pb2.Chip.SIGNATURE_INVALID
    return risk_check_pb2.SubmitEvidenceRequest(
        name=decision,
        request_id=request_id(f"{EVIDENCE}/{body}"),
        shop=asked.shop,
        terminal=asked.terminal,
        evidence=[
            decision_pb2.Evidence(
                challenge=decision_pb2.CHALLENGE_KIND_READ_CHIP, document=document
            )
        ],
    )


def outcome(body: str, decision: str) -> risk_check_pb2.ReportOutcomeRequest:
    """Return the report that a request's change was completed."""
    return risk_check_pb2.ReportOutcomeRequest(
        name=decision,
        request_id=request_id(f"{OUTCOME}/{body}"),
        shop=shop_of(body),
        terminal=terminal_of(body),
        outcome=risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED,
    )


def asks_for_chip(decision: decision_pb2.Decision) -> bool:
    """Whether a step-up asks for the chip."""
    kinds: Sequence[int] = [challenge.kind for challenge in decision.challenges]
    return decision_pb2.CHALLENGE_KIND_READ_CHIP in kinds
