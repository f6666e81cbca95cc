"""Divides script calls by tag: in a cluster a call may touch one only."""

from collections.abc import Sequence

from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.keys import tag_of

Stages = list[list[Call]]


def by_tag(stages: Sequence[Sequence[Call]]) -> dict[int, Stages]:
    """Return for each tag its calls of every stage."""
    plan: dict[int, Stages] = {}
    for number, stage in enumerate(stages):
        for call in stage:
            for tag, part in _split(call):
                plan.setdefault(tag, [[] for _ in stages])[number].append(part)
    return plan


def _split(call: Call) -> list[tuple[int, Call]]:
    script, names, arguments = call
    places: dict[int, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(tag_of(name), []).append(place)
    parts: list[tuple[int, Call]] = []
    for tag, some in places.items():
        words = list(arguments[: script.head])
        if script.counts_first:
            words[-1] = sum(place < int(arguments[script.head - 1]) for place in some)
        for place in some:
            start = script.head + script.each * place
            words += arguments[start : start + script.each]
        parts.append((tag, (script, [names[place] for place in some], words)))
    return parts
