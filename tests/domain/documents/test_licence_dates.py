"""When a driving licence expires."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.documents.licence_dates import expiry_consistent, last_valid_day
from tests.domain.vectors import VECTORS

BIRTHS = st.dates(date(1940, 1, 1), date(2010, 12, 31))
ISSUE = date(2024, 1, 1)


@pytest.mark.parametrize(("birth", "expiry", "consistent"), VECTORS["driving_licence_expiry"])
def test_the_vectors_of_the_facts_hold(birth: str, expiry: str, consistent: bool) -> None:
    dates = date.fromisoformat(expiry), date.fromisoformat(birth)
    assert expiry_consistent(*dates, ISSUE) is consistent
    assert expiry_consistent(*dates, None) is consistent


@pytest.mark.parametrize(
    ("birth", "expiry", "consistent"),
    [
        (date(1985, 12, 5), date(2028, 1, 5), True),
        (date(1985, 12, 5), date(2028, 12, 5), False),
        (date(1985, 12, 31), date(2028, 1, 31), True),
        (date(1985, 1, 31), date(2027, 3, 1), True),
        (date(1985, 1, 31), date(2027, 3, 2), False),
        (date(1985, 1, 29), date(2028, 2, 29), True),
        (date(1985, 1, 29), date(2028, 3, 1), False),
        (date(1985, 1, 28), date(2027, 3, 1), False),
        (date(1988, 8, 31), date(2027, 10, 1), True),
        (date(1988, 8, 30), date(2027, 10, 1), False),
        (date(1992, 2, 29), date(2027, 3, 28), True),
        (date(1992, 2, 29), date(2028, 3, 28), False),
        (date(1992, 2, 29), date(2027, 3, 1), False),
        (date(1990, 5, 5), date(2029, 5, 5), False),
    ],
)
def test_the_edges_of_months_and_years(birth: date, expiry: date, consistent: bool) -> None:
    assert expiry_consistent(expiry, birth, ISSUE) is consistent


@given(BIRTHS, st.integers(2024, 2050))
def test_of_each_year_one_day_is_right_or_two_where_the_month_is_too_short(
    birth: date, year: int
) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    right = [day for day in days if day.year == year and expiry_consistent(day, birth, ISSUE)]
    assert len(right) in {1, 2}
    if birth.day <= 28 or (birth.month, birth.day) == (2, 29):
        assert len(right) == 1


@pytest.mark.parametrize(
    ("birth", "expiry", "issue", "consistent"),
    [
        (date(1970, 5, 5), date(2004, 5, 5), date(2001, 5, 1), True),
        (date(1972, 2, 29), date(2003, 2, 28), date(2000, 3, 1), True),
        (date(1970, 5, 5), date(2001, 5, 5), None, True),
        (date(1970, 5, 5), date(2004, 5, 5), date(2002, 6, 1), False),
        (date(1970, 5, 5), date(2004, 5, 5), None, False),
        (date(1970, 5, 5), date(2004, 5, 6), date(2001, 5, 1), False),
    ],
)
def test_licences_of_before_june_2002_expire_on_the_birthday(
    birth: date, expiry: date, issue: date | None, consistent: bool
) -> None:
    assert expiry_consistent(expiry, birth, issue) is consistent


@pytest.mark.parametrize(
    ("expiry", "last"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 23)),
        (date(2026, 12, 28), date(2026, 12, 28)),
        (date(2026, 12, 29), date(2027, 1, 4)),
        (date(2027, 12, 29), date(2028, 1, 4)),
        (date(2026, 1, 3), date(2026, 1, 5)),
        (date(2025, 12, 31), date(2026, 1, 5)),
    ],
)
def test_a_licence_that_expires_while_offices_are_closed_holds_to_the_next_working_day(
    expiry: date, last: date
) -> None:
    assert last_valid_day(expiry) == last
