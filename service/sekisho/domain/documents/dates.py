"""Birthdays, ages and terms, as documents count them."""

from calendar import isleap, monthrange
from datetime import date, timedelta

_SLACK = timedelta(days=3)
"""Months differ in length, so terms counted in months from other days than the issue do too."""


def birthday_in(birth: date, year: int) -> date:
    """Return the birthday in a year; of 29 February, 28 February in other than leap years."""
    if birth.month == 2 and birth.day == 29 and not isleap(year):
        return date(year, 2, 28)
    return birth.replace(year=year)


def birthday_after(birth: date, day: date, count: int) -> date:
    """Return the birthday that is the `count`-th (1 or more) one after `day`."""
    passed = birthday_in(birth, day.year) <= day
    return birthday_in(birth, day.year + count - (not passed))


def age(birth: date, day: date) -> int:
    """Return the age in full years on a day; negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    month += 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def term_holds(issue: date | None, expiry: date | None, today: date, months: int) -> bool:
    """Whether a document expires after its issue, and at most so many months (and three days,
    by which months differ) after it.

    No issue date: judged as if issued today, since it was not issued later. An issue date in
    the future does not hold. No expiry date: nothing to judge, true.
    """
    if issue is not None and issue > today:
        return False
    if expiry is None:
        return True
    return (issue is None or issue < expiry) and expiry - _SLACK <= add_months(
        issue or today, months
    )


def days_past(expiry: date | None, today: date) -> int:
    """Return the days since expiry; 0 until the last day of validity is over, or without one."""
    return 0 if expiry is None else max((today - expiry).days, 0)
