"""Passport numbers with words around them. The numbers are made up; the shapes are real."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cli.sources.passports import passport


@pytest.mark.parametrize(
    ("text", "number", "country"),
    [
        ("A1234567", "A1234567", None),
        ("A123456 (Iran) expires 09 Mar 2017", "A123456", "IR"),
        ("A123456 issued 09 Mar 2007 expires 09 Mar 2017", "A123456", None),
        ("RL 1794370 (Lebanon)", "RL1794370", "LB"),
        ("265 210 (Egypt)", "265210", "EG"),
        ("TR-P 614160 (Turkey)", "TRP614160", "TR"),
        ("D000000480, Diplomatic (Syria)", "D000000480", "SY"),
        ("AF465500 Colombia", "AF465500", "CO"),
        ("C 1415360 - 16/2/1421H issued 21 May 2000", "C1415360", None),
        ("No.: 0310850, Eritrea, Issue Date 21 August 2006", "0310850", "ER"),
        ("Booklet: A5199810 (Pakistan)", "A5199810", "PK"),
        ("OR801160 and Kuwaiti National ID No. 281020505750", "OR801160", None),
        ("CAR diplomatic passport no. D00000890", "D00000890", "CF"),
        ("Central African Republic number O00065770", "O00065770", "CF"),
        ("No34409/120", "34409120", None),
        ("Diplomatic Passport: Z30321790", "Z30321790", None),
        ("381110040 (Expired 25 Jan. 2016)", "381110040", None),
        ("Libya B/002210", "B002210", "LY"),
        ("Libyan passport No. 513510 ", "513510", "LY"),
        ("German travel document (“Reiseausweis”) A 0139240", "A0139240", "DE"),
        ("Russian passport number 8208 No. 555620", "8208555620", "RU"),
        ("R00012090, South Sudan", "R00012090", "SS"),
        ("403062560 (US)", "403062560", "US"),
        ("Libyan passport number 347830, issued under name X", "347830", "LY"),
        ("Ａ１２３４５６７", "A1234567", None),
    ],
)
def test_the_number_and_the_country_are_found(text: str, number: str, country: str | None) -> None:
    assert passport(text) == (number, country)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "place of issue: Al-Anbar, Iraq",
        "issued 21 Jun 1992 in Amman, Jordan",
        "were issued in Ulm, Germany",
        "Laissez-passer no. N°235/MISPAT/DIRCAB/DGPC/DGAEI/SI/SP",
    ],
)
def test_without_a_number_there_is_none(text: str) -> None:
    assert passport(text) is None


@given(st.text(max_size=80))
def test_any_text_gives_a_short_number_or_none(text: str) -> None:
    found = passport(text)
    if found:
        assert found[0].isascii()
        assert found[0].isalnum()
        assert len(found[0]) <= 20
