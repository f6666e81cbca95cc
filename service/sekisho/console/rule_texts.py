"""What the policy's rules say, by their codes: known for a while, since every row names some."""

import time
from collections.abc import Mapping
from typing import Final

from sekisho.console.api import Caller, Refused
from sekisho.v1.review_figures_pb2 import ListRulesRequest, ListRulesResponse

_SECONDS: Final = 60.0
_PATIENCE: Final = 1.0


class RuleTexts:
    """The texts by language."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Mapping[str, str]]] = {}

    async def of(self, api: Caller, language: str) -> Mapping[str, str]:
        """Return each rule's text; nothing where it cannot be had: a row says its code anyway."""
        now = time.monotonic()
        known = self._known.get(language)
        if known is not None and now - known[0] < _SECONDS:
            return known[1]
        texts = known[1] if known else {}
        try:
            answer = await api.ask(
                api.review.ListRules, ListRulesRequest(), ListRulesResponse, _PATIENCE
            )
            texts = {rule.code: rule.text for rule in answer.rules}
        except Refused:
            pass
        self._known[language] = now, texts
        return texts
