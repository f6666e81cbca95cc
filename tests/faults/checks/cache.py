"""What the cache holds once it has caught up, against the ledger."""

from collections import defaultdict
from collections.abc import Iterator

from sekisho.adapters.redis.records import KINDS
from sekisho.domain.velocity import COUNTED, MOST_TRIES, Mark
from tests.faults.evidence import Evidence, Key, Violation


def tries(evidence: Evidence) -> Iterator[Violation]:
    """It has every try of the ledger; of others only such as were made and never answered.

    A try that was refused for its body was made too.
    """
    kept: dict[Key, dict[bytes, int]] = defaultdict(dict)
    for one in evidence.truth.tries:
        for key in one.keys:
            kept[key][one.try_id] = one.at
    made: dict[Key, set[bytes]] = defaultdict(set)
    for subject in evidence.subjects.values():
        for key in subject.keys:
            made[key].add(subject.try_id)
    for key, held in evidence.truth.held.items():
        full = len(held.tries) >= MOST_TRIES
        oldest = min(held.tries.values(), default=0)
        for try_id, at in kept[key].items():
            if try_id not in held.tries and not (full and at <= oldest):
                yield Violation("a count wrong", _text(key), f"try {try_id.hex()} is missing")
        for try_id in held.tries.keys() - kept[key].keys() - made[key]:
            yield Violation("a count wrong", _text(key), f"nobody made try {try_id.hex()}")


def marks(evidence: Evidence) -> Iterator[Violation]:
    """It has the ledger's marks along every dimension that counts them, and no others."""
    kept: dict[Key, set[tuple[int, bytes]]] = defaultdict(set)
    for marking in evidence.truth.markings:
        for key in marking.keys:
            kept[key].add((KINDS[marking.mark], marking.try_id))
    for key, held in evidence.truth.held.items():
        counted = {KINDS[mark] for mark in COUNTED[key[0]].marks}
        if Mark.STEP_UP in COUNTED[key[0]].marks:
            counted.add(KINDS[Mark.CLOSED])
        for kind, try_id in kept[key] - held.marks:
            if kind not in counted:
                continue
            detail = f"mark {kind} of try {try_id.hex()} is missing"
            yield Violation("a count wrong", _text(key), detail)
        for kind, try_id in held.marks - kept[key]:
            detail = f"nobody made mark {kind} of try {try_id.hex()}"
            yield Violation("a count wrong", _text(key), detail)


def _text(key: Key) -> str:
    return f"{key[0].value} {key[1].hex()[:8]}"
