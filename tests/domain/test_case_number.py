"""The case number survives the telephone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.case_number import ALPHABET, LENGTH, make, parse
from sekisho.domain.errors import MalformedIdentifierError

NUMBERS = st.binary(min_size=8, max_size=16).map(make)


@given(st.binary(min_size=8, max_size=32))
def test_the_same_bytes_make_the_same_number_of_eight_plain_characters(seed: bytes) -> None:
    number = make(seed)
    assert make(seed) == number == parse(number)
    assert len(number) == LENGTH
    assert set(number) <= set(ALPHABET)


@given(NUMBERS)
def test_every_single_wrong_character_is_detected(number: str) -> None:
    for position, right in enumerate(number):
        for wrong in ALPHABET.replace(right, ""):
            with pytest.raises(MalformedIdentifierError, match="misheard"):
                parse(number[:position] + wrong + number[position + 1 :])


@given(NUMBERS)
def test_every_swap_of_neighbours_is_detected(number: str) -> None:
    for at in range(LENGTH - 1):
        swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        if swapped != number:
            with pytest.raises(MalformedIdentifierError, match="misheard"):
                parse(swapped)


@given(NUMBERS, st.data())
def test_case_width_spaces_and_hyphens_make_no_difference(number: str, data: st.DataObject) -> None:
    def written(c: str) -> str:
        forms = (c, c.lower(), chr(ord(c) + 0xFEE0), f"{c} ", f"{c}-", f"{c}　")
        return data.draw(st.sampled_from(forms))

    assert parse("".join(map(written, number))) == number


@pytest.mark.parametrize("raw", ["", "2222222", "222222222", "0222222I", "あいうえおかきく"])
def test_what_is_no_case_number_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="letters and digits"):
        parse(raw)


@pytest.mark.parametrize(
    ("seed", "number"),
    [(b"\0" * 8, "22222222"), (bytes(range(8)), "W4TMAY6Y"), (b"\xff" * 8, "H8AP76DA")],
)
def test_numbers_once_given_out_stay_valid(seed: bytes, number: str) -> None:
    assert make(seed) == parse(number) == number


def test_fewer_than_eight_bytes_would_favour_some_numbers() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        make(b"1234567")


def test_numbers_differ_in_every_place() -> None:
    numbers = [make((seed * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8)) for seed in range(1, 3000)]
    assert len(set(numbers)) == len(numbers)
    assert all(len({number[place] for number in numbers}) == 31 for place in range(LENGTH))
