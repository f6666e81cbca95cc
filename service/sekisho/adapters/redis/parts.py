"""What one script call asks of an observation: all of it, or what lies in one tag."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sekisho.adapters.redis.records import records
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Observation, Watched
from sekisho.domain.velocity import Dimension


@dataclass(slots=True)
class Part:
    """Some keys of the try with its records, the line or not, and some watched fingerprints."""

    tag: int
    """A tag that it touches; in a cluster the only one."""
    keys: Sequence[tuple[Dimension, Fingerprint]]
    records: Sequence[bytes]
    watched: Sequence[Watched]
    line: bool


@dataclass(slots=True)
class _Growing:
    keys: list[tuple[Dimension, Fingerprint]] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)


def whole(observation: Observation) -> Part:
    """Return all of it as one part."""
    attempt = observation.attempt
    return Part(observation.line[0], attempt.keys, records(attempt), observation.watched, line=True)


def by_tag(observation: Observation) -> list[Part]:
    """Return a part for each tag that it touches."""
    attempt, parts = observation.attempt, {observation.line[0]: _Growing()}
    for key, record in zip(attempt.keys, records(attempt), strict=True):
        part = parts.setdefault(key[1][0], _Growing())
        part.keys.append(key)
        part.records.append(record)
    for one in observation.watched:
        parts.setdefault(one.fingerprint[0], _Growing()).watched.append(one)
    return [
        Part(tag, part.keys, part.records, part.watched, line=tag == observation.line[0])
        for tag, part in parts.items()
    ]
