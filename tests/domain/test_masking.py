"""Masked forms."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.masking import mask_contact, mask_name, mask_tail


@given(st.text(min_size=1, max_size=40))
def test_a_mask_never_shows_more_than_half(value: str) -> None:
    shown = mask_tail(value).removeprefix("••••")
    assert len(shown) <= len(value) // 2
    assert value.endswith(shown)


def test_names_show_the_first_character_of_each_part() -> None:
    assert mask_name("山田 太郎") == "山•• 太••"
    assert mask_name(" ") == "••"


def test_contacts_show_an_end_or_a_domain() -> None:
    assert mask_contact("+81312345678") == "••••5678"
    assert mask_contact("taro@example.jp") == "t••@example.jp"
