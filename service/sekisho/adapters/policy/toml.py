"""A policy from its TOML text, checked whole before it can judge anything."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path as FilePath
from typing import Final

from sekisho.adapters.policy.cel_evaluator import CelEvaluator
from sekisho.adapters.policy.positions import find_positions
from sekisho.adapters.policy.problems import PolicyError, Problem
from sekisho.adapters.policy.reading import Reading, Table
from sekisho.adapters.policy.rules import no_retry, read_rules
from sekisho.domain.decision import ChallengeKind
from sekisho.domain.policy import Policy
from sekisho.domain.review import DUE_MS, Queue
from sekisho.domain.sim_change import DocumentType

_POLICY_KEYS: Final = (
    "name",
    "threshold",
    "wait_seconds",
    "missing_demands",
    "documents",
    "review",
    "rule",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_policy(path: FilePath) -> Policy:
    """Load the policy in the file at `path`.

    Raises:
        PolicyError: every problem of the text, each with its line and column.
        OSError: the file cannot be read.

    """
    return parse_policy(path.read_bytes(), str(path))


def default_policy_text() -> bytes:
    """Return the default policy's file, to be shown, copied and changed."""
    return resources.files(__package__).joinpath("default.toml").read_bytes()


def load_default_policy() -> Policy:
    """Load the policy that comes with sekisho."""
    return parse_policy(default_policy_text(), "the default policy")


def parse_policy(data: bytes, source: str = "policy") -> Policy:
    """Make a policy of a file's bytes; `source` names them in errors.

    Raises:
        PolicyError: every problem of the text, each with its line and column.

    """
    text, document = _toml(data, source)
    reading = Reading(find_positions(text))
    reading.only(document, (), _POLICY_KEYS)
    name = reading.text(document, (), "name")
    if name and not _NAME.fullmatch(name):
        reading.report(("name",), "`name` must be letters, digits, dots, - and _, at most 64")
    documents = reading.table(document, (), "documents")
    reading.only(documents, ("documents",), ("accepted", "expiry_grace_days"))
    missing_demands = (
        reading.some_of(document, (), "missing_demands", ChallengeKind)
        if "missing_demands" in document
        else (ChallengeKind.FRAUD_TEAM,)
    )
    no_retry(reading, missing_demands, ("missing_demands",))
    threshold = reading.whole(document, (), "threshold", 1, None)
    wait_seconds = reading.whole(document, (), "wait_seconds", 1, 86_400)
    accepted = reading.some_of(documents, ("documents",), "accepted", DocumentType)
    grace = reading.whole(documents, ("documents",), "expiry_grace_days", 0, 0)
    due_ms = _due_ms(reading, document)
    rules, expressions = read_rules(reading, document.get("rule"))
    if reading.problems:
        raise PolicyError(reading.problems, source)
    return Policy(
        version=f"{name}@{hashlib.sha256(data).hexdigest()[:12]}",
        rules=rules,
        threshold=threshold,
        evaluator=CelEvaluator(expressions),
        accepted_documents=frozenset(accepted),
        expiry_grace_days=grace,
        wait_seconds=wait_seconds,
        missing_demands=missing_demands,
        due_ms=due_ms,
    )


def _due_ms(reading: Reading, document: Table) -> Mapping[Queue, int]:
    """Read until when cases should be reviewed: `[review.due_seconds]`, by queue."""
    if "review" not in document:
        return DUE_MS
    review = reading.table(document, (), "review")
    reading.only(review, ("review",), ("due_seconds",))
    path = ("review", "due_seconds")
    seconds = reading.table(review, ("review",), "due_seconds")
    reading.only(seconds, path, tuple(queue.value for queue in DUE_MS))
    return {
        queue: 1000 * reading.whole(seconds, path, queue.value, 1, usual // 1000)
        for queue, usual in DUE_MS.items()
    }


def _toml(data: bytes, source: str) -> tuple[str, Table]:
    try:
        # tomllib itself reads CRLF as LF; the positions are counted in the same text.
        text = data.decode().replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PolicyError([Problem(line, 1, "the text is not UTF-8")], source) from None
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (1, 1)
        if place and not place[1]:
            line, column = text.count("\n") + 1, 1
        message = _TOML_PLACE.sub("", str(error))
        raise PolicyError([Problem(line, column, f"not TOML: {message}")], source) from None
