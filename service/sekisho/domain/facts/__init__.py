"""Every fact that a rule can read: declared once, for the policy's types and for people."""

from collections.abc import Mapping

from sekisho.domain.facts.change import CHANGE_FACTS
from sekisho.domain.facts.declaration import NEVER_SECONDS, Fact, FactType, FactValue
from sekisho.domain.facts.document import DOCUMENT_FACTS
from sekisho.domain.facts.line import LINE_FACTS
from sekisho.domain.facts.shop import SHOP_FACTS
from sekisho.domain.facts.signals import SIGNALS_FACTS
from sekisho.domain.facts.velocity import VELOCITY_FACTS
from sekisho.domain.facts.watchlist import WATCHLIST_FACTS

__all__ = ["FACTS", "NEVER_SECONDS", "Fact", "FactType", "FactValue"]

FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for facts in (
        CHANGE_FACTS,
        DOCUMENT_FACTS,
        LINE_FACTS,
        SHOP_FACTS,
        WATCHLIST_FACTS,
        SIGNALS_FACTS,
        VELOCITY_FACTS,
    )
    for fact in facts
}
"""Every fact by name, in the order in which a decision stores them."""
