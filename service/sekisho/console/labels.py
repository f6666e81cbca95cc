"""What the API's enumerations, facts and fixed words are called on the pages."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from sekisho.console.moments import span
from sekisho.console.texts import Text
from sekisho.v1.decision_pb2 import Challenge, ChallengeKind, Decision, Verdict
from sekisho.v1.review_pb2 import Fact
from sekisho.v1.review_queue_pb2 import CaseOrder, Disposition, Queue
from sekisho.v1.sim_change_pb2 import SimChange

NEVER_SECONDS: Final = 100 * 365 * 86_400
"""The API's value for what never happened."""

ENUMS: Final[Mapping[str, Any]] = {
    "verdict": Verdict,
    "state": Decision.State,
    "queue": Queue,
    "disposition": Disposition,
    "kind": SimChange.Kind,
    "cause": SimChange.Cause,
    "challenge": ChallengeKind,
    "challenge_state": Challenge.State,
    "order": CaseOrder,
}
"""The enumerations that pages show."""

_STRINGS: Final[Mapping[str, str]] = {
    "change.kind": "words.kind.KIND_",
    "change.cause": "words.cause.CAUSE_",
    "change.relationship": "try.relationship.RELATIONSHIP_",
    "document.chip_outcome": "try.chip.OUTCOME_",
    "document.face_comparison": "try.face.FACE_COMPARISON_",
}
"""Where the words of a fact have texts: what stands before each."""

_COUNT: Final = re.compile(r"velocity\.(\w+)\.(\w+)_(10m|1h|24h|7d|30d|90d)")
_HITS: Final = re.compile(r"watchlist\.(\w+)\.(hits|weak_hits)")


class Labels:
    """The names of things in one language."""

    def __init__(self, text: Text) -> None:
        """Take the texts of the language."""
        self._text = text

    def enum(self, kind: str, value: int) -> str:
        """Return the name of an enumeration's value; a newer server's by its number."""
        names = ENUMS[kind]
        if value not in names.values():
            return str(value)
        return self._text(f"words.{kind}.{names.Name(value)}")

    def word(self, kind: str, value: str) -> str:
        """Return what a fixed word is called; one that is not known, as it is."""
        key = f"words.{kind}.{value}"
        return self._text(key) if self._text.has(key) else value

    def fact(self, name: str) -> str:
        """Return what a fact is called; one that is not known, as it is. A prefix of facts too,
        as a missing signal is named."""
        text = self._text
        if text.has(f"facts.{name}"):
            return text(f"facts.{name}")
        if counted := _COUNT.fullmatch(name):
            who, what, window = counted.groups()
            parts = (f"facts.dimension.{who}", f"facts.measure.{what}", f"facts.window.{window}")
            if all(map(text.has, parts)):
                who, what, window = map(text, parts)
                return text("facts.count", who=who, what=what, window=window)
        if (hits := _HITS.fullmatch(name)) and text.has(f"facts.dimension.{hits[1]}"):
            return text(f"facts.watchlist.{hits[2]}", who=text(f"facts.dimension.{hits[1]}"))
        return self._namespace(name)

    def _namespace(self, name: str) -> str:
        head, _, who = name.partition(".")
        if not self._text.has(f"facts.namespace.{head}"):
            return name
        label = self._text(f"facts.namespace.{head}")
        if not who:
            return label
        key = f"facts.dimension.{who}"
        return f"{label}: {self._text(key)}" if self._text.has(key) else name

    def value(self, fact: Fact) -> str:
        """Return a fact's value."""
        text = self._text
        match fact.WhichOneof("value"):
            case "bool_value":
                return text("shell.yes" if fact.bool_value else "shell.no")
            case "int_value":
                return self._whole(fact.name, fact.int_value)
            case "double_value":
                return number(fact.double_value)
            case "string_value":
                return self._string(fact.name, fact.string_value)
            case "list_value":
                return ", ".join(fact.list_value.values) or text("shell.none")
            case _:
                return text("facts.unknown")

    def _string(self, name: str, value: str) -> str:
        key = f"{_STRINGS.get(name, '')}{value.upper()}"
        if self._text.has(key):
            return self._text(key)
        return value or self._text("shell.none")

    def _whole(self, name: str, value: int) -> str:
        if "seconds_since" in name:
            never = value >= NEVER_SECONDS
            return self._text("facts.never") if never else span(value, self._text, "long")
        if name.endswith("_days") or "days_since" in name:
            return self._text("facts.days", n=value)
        return str(value)


def number(value: float) -> str:
    """Return a number without needless digits."""
    if math.isinf(value) or math.isnan(value):
        return str(value)
    return f"{value:,.1f}".removesuffix(".0")
