"""Why a fact is unknown, found from the signals that are missing."""

from collections.abc import Mapping, Sequence
from typing import Final

from sekisho.domain.decision import MissingCause, MissingSignal

_COUNTED_WITH: Final[Mapping[str, str]] = {
    "document.superseded": "velocity.document",
    "document.reissue_raised": "velocity.document",
    "line.seconds_since_sim_change": "velocity.line",
}
"""Facts that another namespace's counts tell: they are unknown for its causes too."""


def cause_of(fact: str, missing: Sequence[MissingSignal]) -> MissingCause | None:
    """Return why `fact` is unknown; None where no missing signal covers it.

    A signal covers the fact of its own name, every fact below it (`velocity.document` covers
    `velocity.document.lines_7d`), and, with one `*`, every fact that fits the pattern
    (`velocity.document.*_90d`). What `velocity.document` counts also tells whether a card is
    superseded, so it covers that. Of several the longest speaks: it says most about the fact.
    """
    counted_with = _COUNTED_WITH.get(fact, fact)
    best: MissingSignal | None = None
    for entry in missing:
        covered = _covers(entry.signal, fact) or _covers(entry.signal, counted_with)
        if covered and (best is None or len(entry.signal) > len(best.signal)):
            best = entry
    return None if best is None else best.cause


def _covers(signal: str, fact: str) -> bool:
    if "*" not in signal:
        return fact.startswith(signal) and fact[len(signal) : len(signal) + 1] in ("", ".")
    head, _, tail = signal.partition("*")
    return len(fact) >= len(head) + len(tail) and fact.startswith(head) and fact.endswith(tail)
