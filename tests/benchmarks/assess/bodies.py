"""Requests to assess, each with a customer, a card, a line and a device of its own."""

import time
import uuid
from collections.abc import Iterator
from random import Random

from stdnum import luhn

from sekisho.domain.documents import licence_number
from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import risk_check_pb2
from tests.support import requests

SHOPS = 2_000
"""As many as a large carrier has. At a shop where all come at once, counting itself costs."""
BY_EYE_EVERY = 10
"""One card in so many was read by eye only, which is a step-up."""

_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノ"
_DAY_MS = 86_400_000


def bodies(seed: int, count: int) -> Iterator[bytes]:
    """Yield `count` requests as a carrier's gateway sends them, the line's record among them.

    They come from 2,000 shops with two terminals and five clerks each. Nothing else comes twice.
    """
    chance = Random(seed)
    read, by_eye = _template(), _template()
    for field in ("chip", "captures", "face_comparison"):
        by_eye.sim_change.documents[0].ClearField(field)
    for number in range(count):
        request = read if number % BY_EYE_EVERY else by_eye
        _vary(request, chance)
        if request is read:
            request.sim_change.documents[0].chip.face_image_digest = chance.randbytes(32)
        yield request.SerializeToString()


def _template() -> risk_check_pb2.AssessSimChangeRequest:
    request = requests.assess()
    record = requests.line_record()
    record.pin_change_time.CopyFrom(from_ms(time.time_ns() // 1_000_000 - _DAY_MS))
    request.sim_change.line_record.CopyFrom(record)
    return request


def _vary(request: risk_check_pb2.AssessSimChangeRequest, chance: Random) -> None:
    shop, change = chance.randrange(SHOPS), request.sim_change
    request.request_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    request.shop, request.terminal = f"shop-{shop}", f"t{chance.randrange(2)}"
    change.clerk = f"clerk-{shop}-{chance.randrange(5)}"
    change.msisdn = f"+8190{chance.randrange(10**7, 10**8)}"
    change.iccid = _checked(f"8981100{chance.randrange(10**11):011}")
    change.imei = _checked(f"490154{chance.randrange(10**8):08}")
    change.contact = f"{chance.randrange(10**12)}@example.jp"
    change.applicant.name_kana = f"ヤマダ {''.join(chance.choices(_KANA, k=8))}"
    change.line_record.name_kana = change.applicant.name_kana
    card = _licence_number(chance)
    change.documents[0].number = change.line_record.document_number = card


def _checked(front: str) -> str:
    return front + luhn.calc_check_digit(front)


def _licence_number(chance: Random) -> str:
    while True:
        number = f"3016{chance.randrange(10**7):07}0"
        if licence_number.check_digit_holds(number):
            return number
