"""Tokens and one-time links of one installation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.tokens import LEEWAY_SECONDS, TokenError, Tokens, analyst_name

NOW = 1_790_000_000.0
TOKENS = Tokens([b"k" * 32])


def test_a_token_names_its_analyst_until_it_ends() -> None:
    token = TOKENS.issue("analyst", "sato@example.jp", NOW, 60)
    assert TOKENS.read("analyst", token, NOW + 59).name == "sato@example.jp"
    with pytest.raises(TokenError, match="expired"):
        TOKENS.read("analyst", token, NOW + 60)


def test_a_link_is_no_token_and_a_token_no_link() -> None:
    with pytest.raises(TokenError, match="signature"):
        TOKENS.read("analyst", TOKENS.issue("link", "sato", NOW, 60), NOW)
    with pytest.raises(TokenError, match="signature"):
        TOKENS.read("link", TOKENS.issue("analyst", "sato", NOW, 60), NOW)


def test_no_token_is_given_twice() -> None:
    issued = [TOKENS.issue("link", "sato", NOW, 60) for _ in range(100)]
    assert len({TOKENS.read("link", token, NOW).id for token in issued}) == 100


def test_what_an_older_key_issued_counts_and_what_a_strange_key_issued_does_not() -> None:
    token = TOKENS.issue("analyst", "sato", NOW, 60)
    assert Tokens([b"n" * 32, b"k" * 32]).read("analyst", token, NOW).name == "sato"
    with pytest.raises(TokenError, match="signature"):
        Tokens([b"n" * 32]).read("analyst", token, NOW)


def test_a_token_of_the_future_does_not_count() -> None:
    token = TOKENS.issue("analyst", "sato", NOW + LEEWAY_SECONDS + 1, 600)
    with pytest.raises(TokenError, match="future"):
        TOKENS.read("analyst", token, NOW)


@given(st.data())
def test_a_token_with_any_character_changed_does_not_count(data: st.DataObject) -> None:
    token = TOKENS.issue("analyst", "sato", NOW, 60)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[place]))
    with pytest.raises(TokenError):
        TOKENS.read("analyst", token[:place] + other + token[place + 1 :], NOW)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_token(text: str) -> None:
    with pytest.raises(TokenError):
        TOKENS.read("analyst", text, NOW)


@pytest.mark.parametrize("name", ["sato", "sato@example.jp", "s.a_t-o+desk", "7", "a" * 100])
def test_a_name_may_be_an_address(name: str) -> None:
    assert analyst_name(name) == name


@pytest.mark.parametrize("name", ["", "a" * 101, "@sato", "sa to", "佐藤", "a/b", "a\n", "<b>"])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="an analyst's name"):
        analyst_name(name)
