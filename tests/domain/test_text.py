"""Text brought to one form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.text import (
    normalise_identifier,
    plain_separators,
    refuse_control_characters,
)

SEPARATORS = " -　\u00a0\u200b\u2010\u2011\u2212－ー―\u00ad\t"


@given(st.text("0123456789ABCxyz", min_size=1), st.data())
def test_separators_anywhere_and_full_width_forms_make_no_difference(
    clean: str, data: st.DataObject
) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if data.draw(st.booleans()) else c for c in clean)
    spread = "".join(c + data.draw(st.sampled_from(["", *SEPARATORS])) for c in wide)
    assert normalise_identifier(spread) == clean


@given(st.text())
def test_an_identifier_normalised_twice_is_the_same(raw: str) -> None:
    once = normalise_identifier(raw)
    assert normalise_identifier(once) == unicodedata.normalize("NFKC", once)


def test_separators_become_plain_and_digits_of_any_script_become_ascii() -> None:
    assert plain_separators("１２\u3000٣٤—५६\u200b\ufe0f") == "12 34-56"


@pytest.mark.parametrize(
    "bad", ["\x00", "\n", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_control_characters_are_refused(bad: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="control characters"):
        refuse_control_characters(f"山田{bad}太郎")


def test_every_standard_variation_selector_is_invisible() -> None:
    selectors = "".join(map(chr, range(0xFE00, 0xFE10)))
    assert normalise_identifier(f"1{selectors}2") == "12"
    assert normalise_identifier("1\ufe102") == "1,2"


def test_names_keep_their_joiners_and_variation_selectors() -> None:
    refuse_control_characters("葛\U000e0100城 न\u200dम")
