"""Facts about what is missing."""

from sekisho.domain.facts.declaration import Fact, FactType

_B = FactType.BOOL
_L = FactType.STRINGS

SIGNALS_FACTS = (
    Fact("signals.complete", _B, "No signal is missing."),
    Fact("signals.missing", _L, "Names of the signals that are missing."),
)
