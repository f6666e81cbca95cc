"""What the pages say: all of it, in both languages."""

import re
import string
from pathlib import Path

import pytest

from sekisho.console.labels import ENUMS, Labels
from sekisho.console.texts import CATALOGUE, Text
from sekisho.domain.decision import MissingCause
from sekisho.domain.facts import FACTS

CONSOLE = Path(__file__).parents[2] / "service" / "sekisho" / "console"
_NAMED = re.compile(r"""(?:\bt|\btext)\(\s*["']([a-z_]+\.[\w.]+)["']\s*[,)]""")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_SAME = {
    "words.role.sim": "the word itself is Latin in Japanese",
    "facts.dimension.sim": "as above",
    "links.and": "punctuation",
}


def named() -> set[str]:
    files = [*CONSOLE.rglob("*.html"), *CONSOLE.rglob("*.py")]
    return {key for file in files for key in _NAMED.findall(file.read_text())}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_text_is_there_in_both_languages_and_fills_in_the_same(key: str) -> None:
    ja, en = CATALOGUE[key]
    assert ja.strip()
    assert en.strip()
    assert fields(ja) == fields(en)
    assert not _JAPANESE.search(en)
    assert _JAPANESE.search(ja) or key in _SAME


def test_every_text_that_a_page_names_is_there() -> None:
    assert named() <= set(CATALOGUE)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_value_of_an_enumeration_has_a_name(language: str) -> None:
    labels = Labels(Text(language))
    for kind, names in ENUMS.items():
        for value in names.values():
            assert labels.enum(kind, value)
    assert labels.enum("state", 99) == "99", "a newer server may have more"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_fact_and_missing_cause_has_a_label(language: str) -> None:
    labels = Labels(Text(language))
    for name in FACTS:
        assert labels.fact(name) != name, name
    for cause in MissingCause:
        assert labels.word("missing", cause.value) != cause.value
