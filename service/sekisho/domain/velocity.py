"""Velocity: what is counted, over which windows, along which dimensions."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from sekisho.domain.value import value

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

WINDOWS: Mapping[str, int] = {
    "10m": 10 * MINUTE_MS,
    "1h": HOUR_MS,
    "24h": DAY_MS,
    "7d": 7 * DAY_MS,
    "30d": 30 * DAY_MS,
    "90d": 90 * DAY_MS,
}
"""Every window by name, shortest first, in milliseconds."""


class Dimension(StrEnum):
    """What a try is counted along. One request has at most one key per dimension, except
    `document` and `face`, which have one for each document."""

    LINE = "line"
    DOCUMENT = "document"
    FACE = "face"
    DEVICE = "device"
    SIM = "sim"
    CONTACT = "contact"
    APPLICANT = "applicant"
    SHOP = "shop"
    TERMINAL = "terminal"
    CLERK = "clerk"


SHORT_LIVED = frozenset({Dimension.SHOP, Dimension.TERMINAL, Dimension.CLERK})
"""Dimensions whose members are kept for 24 h only: a busy shop has too many."""

RETENTION_MS = 90 * DAY_MS
SHORT_RETENTION_MS = DAY_MS
MOST_TRIES = 256
"""Newest tries kept for one key; above it a count means *at least*."""


class Attribute(StrEnum):
    """What distinct values are counted of. The order is the order in a stored member."""

    LINE = "lines"
    DOCUMENT = "documents"
    DEVICE = "devices"
    SIM = "sims"
    CONTACT = "contacts"
    SHOP = "shops"
    CLERK = "clerks"
    BIRTH_DATE = "birth_dates"


class Mark(StrEnum):
    """What became of a try. Kept apart from the tries, so that no flood can push it out."""

    STEP_UP = "step_ups"
    FAILURE = "failures"
    COMPLETED = "completed"
    OVERRIDE = "overrides"
    CLOSED = "closed"
    """A step-up that ended in any way: it is no longer open."""


@value
class Counting:
    """What is counted along one dimension: measure to windows."""

    tries: tuple[str, ...] = ()
    distinct: Mapping[Attribute, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[Mark, tuple[str, ...]] = field(default_factory=dict)


COUNTED: Mapping[Dimension, Counting] = {
    Dimension.LINE: Counting(
        tries=("10m", "1h", "24h", "7d", "30d"),
        distinct={
            Attribute.DOCUMENT: ("24h", "7d", "30d"),
            Attribute.DEVICE: ("24h", "7d"),
            Attribute.SIM: ("24h", "7d"),
            Attribute.SHOP: ("24h", "7d", "30d"),
        },
        marks={
            Mark.STEP_UP: ("24h", "7d", "30d"),
            Mark.FAILURE: ("24h", "7d", "30d", "90d"),
            Mark.COMPLETED: ("24h", "7d", "30d", "90d"),
            Mark.OVERRIDE: ("30d", "90d"),
        },
    ),
    Dimension.DOCUMENT: Counting(
        tries=("10m", "1h", "24h", "7d"),
        distinct={
            Attribute.LINE: ("1h", "24h", "7d", "30d", "90d"),
            Attribute.SHOP: ("1h", "24h", "7d"),
            Attribute.BIRTH_DATE: ("90d",),
        },
        marks={
            Mark.STEP_UP: ("24h", "7d", "30d"),
            Mark.FAILURE: ("24h", "7d", "30d", "90d"),
            Mark.COMPLETED: ("7d", "30d", "90d"),
        },
    ),
    Dimension.FACE: Counting(
        tries=("24h", "7d"),
        distinct={
            Attribute.LINE: ("24h", "7d", "30d"),
            Attribute.DOCUMENT: ("7d", "30d", "90d"),
        },
        marks={Mark.FAILURE: ("30d", "90d")},
    ),
    Dimension.DEVICE: Counting(
        tries=("24h", "7d"),
        distinct={Attribute.LINE: ("24h", "7d", "30d", "90d")},
        marks={Mark.FAILURE: ("7d", "30d")},
    ),
    Dimension.SIM: Counting(
        tries=("24h", "7d"),
        distinct={Attribute.LINE: ("24h", "7d", "30d", "90d")},
        marks={Mark.FAILURE: ("7d", "30d")},
    ),
    Dimension.CONTACT: Counting(
        tries=("24h", "7d"),
        distinct={
            Attribute.LINE: ("24h", "7d", "30d", "90d"),
            Attribute.BIRTH_DATE: ("7d", "30d"),
        },
        marks={Mark.FAILURE: ("7d", "30d", "90d")},
    ),
    Dimension.APPLICANT: Counting(
        tries=("24h", "7d"),
        distinct={
            Attribute.LINE: ("24h", "7d", "30d"),
            Attribute.DOCUMENT: ("24h", "7d", "30d"),
            Attribute.SHOP: ("24h", "7d"),
        },
        marks={Mark.FAILURE: ("24h", "7d", "30d", "90d")},
    ),
    Dimension.SHOP: Counting(
        tries=("10m", "1h", "24h"),
        marks={Mark.STEP_UP: ("1h", "24h"), Mark.OVERRIDE: ("24h",)},
    ),
    Dimension.TERMINAL: Counting(
        tries=("10m", "1h", "24h"),
        distinct={Attribute.LINE: ("10m", "1h", "24h")},
        marks={Mark.STEP_UP: ("1h", "24h"), Mark.FAILURE: ("24h",)},
    ),
    Dimension.CLERK: Counting(
        tries=("10m", "1h", "24h"),
        distinct={Attribute.LINE: ("1h", "24h")},
        marks={
            Mark.STEP_UP: ("1h", "24h"),
            Mark.FAILURE: ("24h",),
            Mark.OVERRIDE: ("24h",),
        },
    ),
}
"""Which counts become facts: `velocity.<dimension>.<measure>_<window>`.

Counts include the try being assessed: a document on its first line counts 1 line.
A dimension that the request does not have (an eSIM order without a device) counts 0.
"""
