"""The analysts' table of cases, read and completed."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.facts import FACTS, FactValue
from sekisho.domain.missing import cause_of

_FOLDER = Path(__file__).parent / "cases"
_KEYS = {
    "name",
    "pattern",
    "customer",
    "changes",
    "unknown",
    "cause",
    "verdict",
    "rules",
    "demands",
    "near_miss",
    "near_miss_verdict",
}
Facts = Mapping[str, FactValue]
Table = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One case. `near_miss` holds the one fact that differs; empty where there is none."""

    name: str
    pattern: str
    customer: str
    facts: Facts
    missing: tuple[MissingSignal, ...]
    verdict: str
    rules: tuple[str, ...]
    demands: tuple[str, ...]
    near_miss: Facts
    near_miss_verdict: str

    @property
    def near_facts(self) -> Facts:
        return {**self.facts, **self.near_miss}


def ordinary_facts() -> dict[str, FactValue]:
    """Return the facts of the ordinary request."""
    return dict(_flat(_read("ordinary.toml")["ordinary"]))


def cases() -> list[Case]:
    """Return every case of every file."""
    ordinary = ordinary_facts()
    return [
        _case(table, ordinary)
        for path in sorted(_FOLDER.glob("*.toml"))
        for table in _read(path.name).get("case", [])
    ]


def _read(name: str) -> Table:
    return tomllib.loads((_FOLDER / name).read_text())


def _case(table: Table, ordinary: Facts) -> Case:
    name = table["name"]
    assert table.keys() <= _KEYS, f"{name}: unknown keys {table.keys() - _KEYS}"
    changes = dict(_flat(table.get("changes", {})))
    near_miss = dict(_flat(table.get("near_miss", {})))
    unheard_of = (changes.keys() | near_miss.keys()) - FACTS.keys()
    assert not unheard_of, f"{name}: no such facts {unheard_of}"
    cause = MissingCause(table.get("cause", "cache_unavailable"))
    missing = tuple(MissingSignal(signal, cause) for signal in table.get("unknown", []))
    facts = {**ordinary, **changes}
    known = {fact: facts[fact] for fact in facts if fact in changes or not cause_of(fact, missing)}
    return Case(
        name=name,
        pattern=table.get("pattern", ""),
        customer=table.get("customer", ""),
        facts=known,
        missing=missing,
        verdict=table["verdict"],
        rules=tuple(table.get("rules", ())),
        demands=tuple(table.get("demands", ())),
        near_miss=near_miss,
        near_miss_verdict=table.get("near_miss_verdict", "allow"),
    )


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, FactValue]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield f"{prefix}{key}", tuple(value)
        else:
            assert isinstance(value, bool | int | float | str)
            yield f"{prefix}{key}", value
