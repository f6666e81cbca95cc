"""The test vectors that came with the facts on identity documents."""

import json
from pathlib import Path
from typing import Any, cast

VECTORS: dict[str, list[Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())


def rows(name: str) -> list[tuple[str, bool]]:
    """Return (value, expected) of a kind of vector; a word instead of true is false."""
    return [(row[0], row[1] is True) for row in VECTORS[name]]


def commissions() -> dict[str, str]:
    """Return the licence's commission codes and what they are called."""
    return cast("dict[str, str]", VECTORS["driving_licence_commission_codes"])
