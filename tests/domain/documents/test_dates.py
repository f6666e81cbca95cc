"""Birthdays, ages and terms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.documents.dates import (
    add_months,
    age,
    birthday_after,
    birthday_in,
    days_past,
    term_holds,
)

BIRTHS = st.dates(date(1910, 1, 1), date(2020, 12, 31))
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("birth", "year", "birthday"),
    [
        (date(1992, 2, 29), 2027, date(2027, 2, 28)),
        (date(1992, 2, 29), 2028, date(2028, 2, 29)),
        (date(1990, 5, 5), 2027, date(2027, 5, 5)),
    ],
)
def test_a_leap_day_has_its_birthday_on_28_february_in_other_years(
    birth: date, year: int, birthday: date
) -> None:
    assert birthday_in(birth, year) == birthday


@given(BIRTHS, DAYS, st.integers(1, 12))
def test_the_nth_birthday_after_a_day_has_n_minus_1_between(
    birth: date, day: date, count: int
) -> None:
    last = birthday_after(birth, day, count)
    between = [birthday_in(birth, year) for year in range(day.year, last.year + 1)]
    assert [b for b in between if day < b <= last] == between[-count:]
    assert between[-1] == last
    assert (last - day).days <= 366 * count


@given(BIRTHS, DAYS)
def test_age_grows_by_one_each_year_on_the_birthday(birth: date, day: date) -> None:
    years = age(birth, day)
    assert birth.replace(year=birth.year + years, day=1) <= day
    assert age(birth, day - timedelta(days=1)) in {years, years - 1}
    assert age(birth, birth) == 0
    assert age(birth, birth - timedelta(days=1)) == -1


def test_a_leap_days_child_is_a_year_older_on_1_march() -> None:
    assert age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age(date(2008, 2, 29), date(2026, 3, 1)) == 18


@given(DAYS, st.integers(-400, 400))
def test_months_are_added_to_the_same_day_or_the_months_last(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    if later.day != day.day:
        assert later.day < day.day
        assert (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("issue", "expiry", "holds"),
    [
        (date(2024, 1, 10), date(2025, 1, 10), True),
        (date(2024, 1, 10), date(2025, 1, 13), True),
        (date(2024, 1, 10), date(2025, 1, 14), False),
        (date(2024, 1, 10), date(2024, 1, 10), False),
        (date(2024, 1, 10), date(2023, 1, 10), False),
        (date(2026, 11, 24), date(2027, 1, 10), True),
        (date(2026, 11, 25), date(2027, 1, 10), False),
        (date(2026, 11, 25), None, False),
        (None, date(2027, 11, 24), True),
        (None, date(2027, 11, 28), False),
        (None, date(2020, 1, 1), True),
        (date(2024, 1, 10), None, True),
        (None, None, True),
    ],
)
def test_a_term_of_a_year_holds_or_not(
    issue: date | None, expiry: date | None, holds: bool
) -> None:
    assert term_holds(issue, expiry, TODAY, 12) is holds


@pytest.mark.parametrize(
    ("expiry", "days"), [(None, 0), (TODAY, 0), (date(2026, 11, 23), 1), (date(2027, 1, 1), 0)]
)
def test_a_document_holds_to_the_end_of_its_last_day(expiry: date | None, days: int) -> None:
    assert days_past(expiry, TODAY) == days
