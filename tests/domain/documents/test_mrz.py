"""The passport's machine-readable zone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.documents import mrz
from sekisho.domain.errors import MalformedIdentifierError
from tests.domain.builders import MRZ
from tests.domain.vectors import VECTORS

ALPHABET = "<0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHECKED = [*range(10), *range(13, 20), *range(21, 44)]
"""Places of the second line that some check digit covers or is."""


@pytest.mark.parametrize(("first", "second", "valid"), VECTORS["mrz_td3"])
def test_the_vectors_of_the_facts_hold(first: str, second: str, valid: bool) -> None:
    zone = mrz.read(mrz.parse_lines([first, second]))
    assert zone is not None
    assert zone.check_digits_hold is valid


def test_the_fields_are_read() -> None:
    zone = mrz.read(MRZ)
    assert zone == mrz.Td3(
        number="L898902C3", birth="740812", expiry="120415", check_digits_hold=True
    )
    assert mrz.holder_name(MRZ) == "ERIKSSON ANNA MARIA"


def test_a_short_numbers_fillers_are_not_part_of_it() -> None:
    zone = mrz.read((MRZ[0], "L898902C<3UTO6908061F9406236ZE184226B<<<<<14"))
    assert zone is not None
    assert zone.number == "L898902C"


@given(st.sampled_from(CHECKED), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_detected_unless_its_value_is_the_same_modulo_10(
    place: int, wrong: str
) -> None:
    line = MRZ[1][:place] + wrong + MRZ[1][place + 1 :]
    zone = mrz.read((MRZ[0], line))
    assert zone is not None
    same = (value(wrong) - value(MRZ[1][place])) % 10 == 0
    check_places = {9, 19, 27, 42, 43}
    if place in check_places:
        same = wrong == MRZ[1][place]
    assert zone.check_digits_hold is same


def value(character: str) -> int:
    return 0 if character == "<" else int(character, 36)


@pytest.mark.parametrize("check", ["<", "0"])
def test_an_empty_optional_field_has_a_filler_or_0_for_its_check_digit(check: str) -> None:
    front = f"TR12345672JPN9005053M3405019{'<' * 14}{check}"
    lines = [mrz.read((MRZ[0], f"{front}{last}")) for last in "0123456789"]
    assert sum(zone is not None and zone.check_digits_hold for zone in lines) == 1


@pytest.mark.parametrize(
    "raw",
    [
        [MRZ[0]],
        [*MRZ, MRZ[1]],
        [MRZ[0], MRZ[1][:-1]],
        [MRZ[0], MRZ[1] + "0"],
        [MRZ[0], MRZ[1].replace("<", "*")],
        ["", ""],
    ],
)
def test_anything_but_two_lines_of_44_characters_is_refused(raw: list[str]) -> None:
    with pytest.raises(MalformedIdentifierError, match="2 lines of 44 characters"):
        mrz.parse_lines(raw)


def test_lines_are_read_in_either_case_full_width_and_with_spaces() -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in MRZ[0])
    assert mrz.parse_lines([wide, f" {MRZ[1].lower()}\n"]) == MRZ
    assert mrz.parse_lines([]) == ()


@pytest.mark.parametrize(
    "lines", [(), (MRZ[0],), (MRZ[1], MRZ[0]), (f"I{MRZ[0][1:]}", MRZ[1]), (MRZ[0], "L898902C3")]
)
def test_another_documents_zone_is_none(lines: tuple[str, ...]) -> None:
    assert mrz.read(lines) is None


@pytest.mark.parametrize("lines", [(), (MRZ[1], MRZ[0])])
def test_another_documents_zone_names_nobody(lines: tuple[str, ...]) -> None:
    assert mrz.holder_name(lines) == ""


@pytest.mark.parametrize(
    ("field", "agrees"),
    [("900505", True), ("9005<<", True), ("<<<<<<", True), ("900506", False), ("91<<<<", False)],
)
def test_a_date_agrees_as_far_as_it_is_known(field: str, agrees: bool) -> None:
    assert mrz.agrees_with_date(field, date(1990, 5, 5)) is agrees
