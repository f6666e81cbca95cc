"""The catalogue: every text by its key, `section.key`, as a pair of Japanese and English."""

from collections.abc import Mapping
from typing import Final

from sekisho.console.texts import (
    acts,
    case,
    facts,
    figures,
    groups,
    links,
    moments,
    queue,
    refusals,
    reports,
    rules,
    search,
    shell,
    shops,
    sign_in,
    trail,
    try_it,
    watchlists,
    words,
)

Pair = tuple[str, str]
"""Japanese, English."""

_SECTIONS: Final[Mapping[str, Mapping[str, Pair]]] = {
    "shell": shell.TEXTS,
    "sign_in": sign_in.TEXTS,
    "moments": moments.TEXTS,
    "words": words.TEXTS,
    "facts": facts.TEXTS,
    "queue": queue.TEXTS,
    "case": case.TEXTS,
    "acts": acts.TEXTS,
    "links": links.TEXTS,
    "search": search.TEXTS,
    "groups": groups.TEXTS,
    "watchlists": watchlists.TEXTS,
    "rules": rules.TEXTS,
    "figures": figures.TEXTS,
    "shops": shops.TEXTS,
    "reports": reports.TEXTS,
    "try": try_it.TEXTS,
    "trail": trail.TEXTS,
    "refusals": refusals.TEXTS,
}

CATALOGUE: Final[Mapping[str, Pair]] = {
    f"{section}.{key}": pair for section, texts in _SECTIONS.items() for key, pair in texts.items()
}


class Text:
    """The texts in one language."""

    def __init__(self, language: str) -> None:
        """Take ja or en."""
        self.language = language
        self._index = 0 if language == "ja" else 1

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its `{values}` filled in. Raises KeyError where there is none."""
        text = CATALOGUE[key][self._index]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in CATALOGUE

    def section(self, name: str) -> dict[str, str]:
        """Return the texts of a section by their keys in it."""
        return {key: pair[self._index] for key, pair in _SECTIONS[name].items()}
