"""Birth dates as lists write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cli.sources.birth_dates import WIDEST_SPAN, birth_dates, years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 Mar 1960", ("1960-03-12",)),
        ("1 September 1960", ("1960-09-01",)),
        ("1951-06-19", ("1951-06-19",)),
        ("1951/6/9", ("1951-06-09",)),
        ("1960", ("1960",)),
        ("circa 1960", ("1960",)),
        ("Mar 1960", ("1960",)),
        ("Nov. 1973 ", ("1973",)),
        ("circa 14 Jul 1962", ("1962",)),
        ("1955 to 1958", ("1955", "1956", "1957", "1958")),
        ("1955-1956", ("1955", "1956")),
        ("01 Jan 1961 to 31 Dec 1961", ("1961",)),
        ("Mar 1960 to Feb 1961", ("1960", "1961")),
    ],
)
def test_a_date_becomes_a_day_or_years(text: str, expected: tuple[str, ...]) -> None:
    assert birth_dates(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "Sep.", "30-35 years old", "24/06/1402 (Hijri Calendar)", "31 Feb 1950"),
        *("12 Foo 1960", "1955 to 1965", "1958 to 1955", "0960", "Foo 1960"),
        "Between Aug. and Sep. 1977",
    ],
)
def test_what_says_too_little_gives_nothing(text: str) -> None:
    assert birth_dates(text) == ()


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
        day.month - 1
    ]
    assert birth_dates(f"{day.day:02} {month} {day.year}") == (day.isoformat(),)
    assert birth_dates(day.isoformat()) == (day.isoformat(),)
    assert birth_dates(f"circa {day.day} {month} {day.year}") == (str(day.year),)


@given(st.integers(1800, 2200), st.integers(-20, 20))
def test_a_span_is_never_wide(first: int, width: int) -> None:
    found = years(first, first + width)
    assert len(found) <= WIDEST_SPAN
    assert all(1900 <= int(year) <= 2099 for year in found)


@given(st.text(max_size=40))
def test_any_text_gives_dates_or_nothing(text: str) -> None:
    assert all(len(found) in {4, 10} for found in birth_dates(text))
