"""Figures of the fraud team: how much, how fast, how right."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from math import inf

from sekisho.domain.review import Disposition, Queue
from sekisho.domain.value import value

FRAUDS = frozenset({Disposition.CONFIRMED_FRAUD, Disposition.SUSPECTED})
"""Dispositions by which a rule that fired was right."""


@value
class Counts:
    """Decisions, counted. `failed`: step-ups that failed; `missed`: frauds that passed."""

    decisions: int = 0
    step_ups: int = 0
    degraded: int = 0
    failed: int = 0
    overrides: int = 0
    approved: int = 0
    declined: int = 0
    confirmed_fraud: int = 0
    suspected: int = 0
    legitimate: int = 0
    missed: int = 0


@value
class RuleFigures:
    """One rule: how often it fired, and of those what was found."""

    code: str
    fired: int
    fraud: int
    legitimate: int

    @property
    def precision(self) -> float | None:
        """Frauds among those of which it is known; None where nothing is."""
        known = self.fraud + self.legitimate
        return self.fraud / known if known else None


@value
class Counted:
    """What was counted of a shop, or of one of its clerks."""

    shop: str
    counts: Counts
    clerk: bytes = b""
    clerk_masked: str = ""


@value
class Peer:
    """One beside its peers: its rates over the median of theirs; None where it has none, or
    where that is 0."""

    counted: Counted
    relative_step_ups: float | None
    relative_overrides: float | None


@value
class Times:
    """Times in ms by share of the cases, 0 where there are none."""

    count: int = 0
    p50: int = 0
    p90: int = 0
    p99: int = 0


@value
class QueueAge:
    """How long what waits has waited, in ms."""

    queue: Queue
    count: int
    oldest: int
    p50: int


@value
class Figures:
    """All figures of a range. `days` by their date in Japan, YYYY-MM-DD."""

    counts: Counts
    days: Sequence[tuple[str, Counts]]
    rules: Sequence[RuleFigures]
    shops: Sequence[Peer]
    clerks: Sequence[Peer]
    time_to_decision: Times
    queue_ages: Sequence[QueueAge]
    watchlists: Sequence[tuple[str, int, int]] = field(default=())
    """Id, when its version came to count (Unix ms), and its entries."""


def beside_peers(counted: Sequence[Counted], most: int) -> list[Peer]:
    """Return those with the highest relative step-up rate first.

    Overrides are few: with one more on both sides, one override of a small shop says little.
    """
    step_ups = _relative(counted, _step_up_rate)
    overrides = _relative(counted, _override_rate)
    peers = [
        Peer(each, steps, over)
        for each, steps, over in zip(counted, step_ups, overrides, strict=True)
    ]
    peers.sort(key=lambda p: (-_above_peers(p), p.counted.shop, p.counted.clerk))
    return peers[:most]


def _above_peers(peer: Peer) -> float:
    """Return what peers are ordered by: one that steps up where the usual one never does is
    above all others."""
    if peer.relative_step_ups is not None:
        return peer.relative_step_ups
    return inf if peer.counted.counts.step_ups else 0.0


def _relative(
    counted: Sequence[Counted], rate: Callable[[Counts], float]
) -> Iterable[float | None]:
    rates = [rate(each.counts) for each in counted]
    ordered = sorted(rates)
    usual = [_median_without(ordered, each) for each in rates]
    return [each / its if its else None for each, its in zip(rates, usual, strict=True)]


def _median_without(ordered: Sequence[float], one: float) -> float | None:
    """Return the median of sorted numbers, one of which is left out; None where it is alone."""
    others = len(ordered) - 1
    if not others:
        return None
    place = bisect_left(ordered, one)
    low, high = ((each + (each >= place)) for each in ((others - 1) // 2, others // 2))
    return (ordered[low] + ordered[high]) / 2


def _step_up_rate(counts: Counts) -> float:
    return counts.step_ups / counts.decisions


def _override_rate(counts: Counts) -> float:
    return (counts.overrides + 1) / (counts.decisions + 1)


def rules_of(fired: Iterable[tuple[str, Disposition | None, int]]) -> list[RuleFigures]:
    """Return rules, those that fire most first. `fired` has codes with a space between and around
    them, what was found, and of how many decisions."""
    every: dict[str, list[int]] = {}
    for codes, disposition, count in fired:
        for code in codes.split():
            sums = every.setdefault(code, [0, 0, 0])
            sums[0] += count
            if disposition in FRAUDS:
                sums[1] += count
            elif disposition is Disposition.LEGITIMATE:
                sums[2] += count
    found = [RuleFigures(code, *sums) for code, sums in every.items()]
    return sorted(found, key=lambda rule: (-rule.fired, rule.code))
