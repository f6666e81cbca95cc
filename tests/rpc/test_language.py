"""The language that a caller reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.rpc.language import choose


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "ja"),
        ("en", "en"),
        ("ja", "ja"),
        ("en-GB,ja;q=0.8", "en"),
        ("ja-JP,en;q=0.8", "ja"),
        ("ja;q=0.1, en;q=0.9", "en"),
        ("EN ; q=1.0", "en"),
        ("en;q=0.5,ja;q=0.5", "en"),
        ("fr", "ja"),
        ("fr,en;q=0.2", "en"),
        ("fr, *;q=0.5", "ja"),
        ("*", "ja"),
        ("ja;q=0, *", "en"),
        ("en;q=0", "ja"),
        ("ja;q=0,en;q=0", "ja"),
        ("en;q=2", "ja"),
        ("en;level=1", "ja"),
        ("%%%,,;q=", "ja"),
        ("en," * 100, "ja"),
    ],
)
def test_the_heaviest_range_decides_and_rubbish_is_japanese(header: str, language: str) -> None:
    assert choose(header) == language


@given(st.text(max_size=300))
def test_any_header_gives_a_language(header: str) -> None:
    assert choose(header) in ("ja", "en")
