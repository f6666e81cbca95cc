"""Requests of the tests that call a running service: ordinary ones, each of its own.

Its own line, licence, person, device, SIM, clerk and terminal: none of them raises the velocity
of another.
"""

import itertools
import json
from pathlib import Path
from typing import Any

from sekisho.cli import story

SHOP = "nagoya-sakae"
TERMINALS = tuple(f"t{number}" for number in range(1, 201))

_numbers = itertools.count(1)


def ordinary() -> dict[str, Any]:
    """Return an ordinary reissue like the story's, with identifiers that no other one has."""
    number = next(_numbers)
    asked: dict[str, Any] = json.loads((story.folder() / story.SCENES[0].file).read_text())
    line: dict[str, Any] = json.loads((story.folder() / story.LINES[0]).read_text())
    licence = _licence(f"54081{number:05}")
    msisdn = f"+81906{number:07}"
    asked["terminal"] = TERMINALS[number % len(TERMINALS)]
    # Digits in katakana: a name of letters only.
    kana = "".join("アイウエオカキクケコ"[int(digit)] for digit in str(number))
    change = asked["simChange"]
    change["applicant"] |= {"name": f"田中 {kana}", "nameKana": f"タナカ {kana}"}
    change |= {
        "msisdn": msisdn,
        "iccid": _luhn(f"89811000555{number:07}"),
        "imei": _luhn(f"35693803{number:06}"),
        "clerk": f"c-{number}",
    }
    change["documents"][0]["number"] = licence
    change["lineRecord"] = line["record"] | {
        "documentNumber": licence,
        "nameKana": f"タナカ {kana}",
    }
    return asked


def forged() -> dict[str, Any]:
    """Return a request whose licence has a dead chip and dates that do not fit."""
    asked = ordinary()
    asked["simChange"]["documents"][0] |= {
        "expiryDate": "2029-12-31",
        "chip": {"outcome": "OUTCOME_FAILED", "pinlessAreaRead": False},
        "captures": {"number": "CAPTURE_METHOD_SCANNED"},
    }
    return asked


def with_passport(number: str) -> dict[str, Any]:
    """Return a request that shows an Iranian passport as its second document."""
    asked = ordinary()
    asked["simChange"]["documents"].append(
        {
            "type": "TYPE_PASSPORT",
            "issuingCountry": "IR",
            "number": number,
            "expiryDate": "2030-01-01",
        }
    )
    return asked


def write(folder: Path, asked: dict[str, Any]) -> str:
    """Write a request to a new file of the folder, and return the file's name."""
    path = folder / f"request-{next(_numbers)}.json"
    path.write_text(json.dumps(asked))
    return str(path)


def _licence(first_ten: str) -> str:
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, first_ten, strict=True))
    return f"{first_ten}{(11 - total % 11) % 10}0"


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 * (doubled > 9)
    return digits + str(-total % 10)
