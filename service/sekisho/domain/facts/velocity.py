"""Facts about velocity: one for each count that `COUNTED` names."""

from collections.abc import Iterator

from sekisho.domain.facts.declaration import NEVER_SECONDS, Fact, FactType
from sekisho.domain.velocity import COUNTED, Dimension

_NO_WINDOW = "the cache is away, skewed, may evict, or does not cover the window"


def _counts(dimension: Dimension) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield each measure of a dimension with its windows and meaning."""
    counting = COUNTED[dimension]
    yield "tries", counting.tries, f"Tries with this {dimension}, this one included."
    for attribute, windows in counting.distinct.items():
        what = attribute.value.replace("_", " ")
        yield (
            attribute.value,
            windows,
            f"Distinct {what} tried with this {dimension}, this one too.",
        )
    for mark, windows in counting.marks.items():
        yield (
            mark.value,
            windows,
            f"{mark.value.replace('_', '-').capitalize()} with this {dimension}.",
        )


VELOCITY_FACTS = (
    *(
        Fact(f"velocity.{dimension}.{measure}_{window}", FactType.INT, meaning, _NO_WINDOW)
        for dimension in COUNTED
        for measure, windows, meaning in _counts(dimension)
        for window in windows
    ),
    Fact(
        "velocity.line.open_step_ups",
        FactType.INT,
        "Other step-ups that are open on this line now.",
        _NO_WINDOW,
    ),
    Fact(
        "velocity.line.seconds_since_failure",
        FactType.INT,
        f"Seconds since a step-up last failed on this line; {NEVER_SECONDS}: not within 90 days.",
        _NO_WINDOW,
        "s",
    ),
)
