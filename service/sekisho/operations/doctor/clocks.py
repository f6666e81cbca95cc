"""How far another clock is from this machine's."""

from sekisho.operations.doctor.finding import Area, Finding

SKEWED_MS = 2_000
"""Beyond it the cache's facts are unknown: `observe.lua` compares the same."""
_NEARLY_MS = 500


def clock(area: Area, whose: str, theirs: int, before: int, after: int) -> Finding:
    """Compare a clock read between two moments of ours; all are Unix ms."""
    skew = theirs - (before + after) // 2
    # What the reading took is no skew.
    least = max(0, abs(skew) - (after - before) // 2)
    way = "ahead of" if skew > 0 else "behind"
    said = f"{whose}'s clock is {abs(skew) / 1000:.1f} s {way} this machine's"
    todo = "synchronise both clocks (chrony, NTP)"
    if least > SKEWED_MS:
        return area.problem(f"{said}: the cache's facts are unknown", todo)
    if least > _NEARLY_MS:
        return area.warning(said, todo)
    return area.ok(f"{whose}'s clock agrees with this machine's")
