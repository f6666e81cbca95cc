"""The Individual Number is refused wherever it may stand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.jp import in_ as oracle

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.individual_number import is_individual_number, refuse_individual_number
from tests.domain.vectors import rows

NUMBER = "123456789018"
TWELVE = st.from_regex(r"[0-9]{12}", fullmatch=True)
VALID = st.from_regex(r"[0-9]{11}", fullmatch=True).map(
    lambda front: front + str(oracle.calc_check_digit(front))
)


def refused(text: str) -> bool:
    try:
        refuse_individual_number(text)
    except MalformedIdentifierError:
        return True
    return False


@pytest.mark.parametrize(("number", "expected"), rows("individual_number"))
def test_the_vectors_of_the_facts_hold(number: str, expected: bool) -> None:
    assert is_individual_number(number) is expected


@given(st.one_of(TWELVE, VALID))
def test_the_check_digit_is_the_one_that_another_library_computes(number: str) -> None:
    assume(number != "0" * 12)
    assert is_individual_number(number) is oracle.is_valid(number)


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890189", "12345678901８", "12345678901x"]
)
def test_anything_but_twelve_ascii_digits_is_none(text: str) -> None:
    assert not is_individual_number(text)


@given(
    TWELVE, st.text("あ番号はです。A:", max_size=5), st.text("番号あB)。", max_size=5), st.data()
)
def test_any_free_standing_twelve_digits_are_refused_however_spread(
    digits: str, before: str, after: str, data: st.DataObject
) -> None:
    gap = st.text(" -　－‐ー\u00a0\u200b", max_size=3)
    wide = "".join(chr(ord(c) + 0xFEE0) if data.draw(st.booleans()) else c for c in digits)
    assert refused(before + "".join(c + data.draw(gap) for c in wide[:-1]) + wide[-1] + after)


@given(st.from_regex(r"[0-9]{1,11}|[0-9]{13,30}", fullmatch=True), st.text("あいA", max_size=3))
def test_a_run_of_another_length_passes(digits: str, around: str) -> None:
    assert not refused(around + digits + around)


@given(VALID, st.sampled_from(["1 ", "2026-01-02 ", "090-1234-5678 "]), st.booleans())
def test_a_number_as_printed_is_found_beside_other_digits(
    number: str, other: str, behind: bool
) -> None:
    assume(number != "0" * 12)
    printed = f"{number[:4]} {number[4:8]} {number[8:]}"
    assert refused(f"{printed} {other}" if behind else other + printed)
    assert refused(f"{number} {other}" if behind else other + number)


@given(VALID, st.sampled_from("./・_,:"))
def test_a_number_as_printed_is_found_with_other_punctuation(number: str, mark: str) -> None:
    assume(number != "0" * 12)
    assert refused(f"{number[:4]}{mark}{number[4:8]}{mark}{number[8:]}")


@pytest.mark.parametrize(
    "text",
    [
        "山田 太郎",
        "2026-01-02 12:30",
        "2026/01/02, 2026/02/03",
        "090-1234-5678",
        "〒100-0001 1-2-3-405",
        "1234.5678.9017",
        "Police report 2026-1234, 13 lines",
    ],
)
def test_ordinary_free_text_passes(text: str) -> None:
    assert not refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "㉑㉑㉑㉑㉑㉑",
        "①②③④⑤⑥⑦⑧⑨⓪①⑧",
        "١٢٣٤٥٦٧٨٩٠١٨",
        "1\ufe0f\u20e32\ufe0f\u20e33456789018",
        "000000000000",
    ],
)
def test_digits_in_disguise_are_found(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize("text", [NUMBER, f"1 {NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}"])
def test_the_refusal_does_not_repeat_the_number(text: str) -> None:
    with pytest.raises(MalformedIdentifierError) as refusal:
        refuse_individual_number(text)
    assert not any(part in str(refusal.value) for part in (NUMBER, NUMBER[:4], NUMBER[8:]))
