"""When a driving licence expires."""

from datetime import date, timedelta

from sekisho.domain.documents.dates import add_months, birthday_in

TERM_MONTHS = 62
"""Five years and two months: the longest from issue to expiry."""
MONTH_ADDED_SINCE = date(2002, 6, 1)
"""Licences issued before it expire on the birthday itself."""

_DAY = timedelta(days=1)


def expiry_consistent(expiry: date, birth: date, issue: date | None) -> bool:
    """Whether a licence expires one month after a birthday.

    Where the next month is too short, its last day is right, and the day after is accepted. Of
    29 February: 29 March in a leap year, otherwise 28 March. Which birthday it is, is the
    term's matter: a reissued card keeps its expiry.
    """
    birthday = birthday_in(birth, expiry.year - (expiry.month == 1))
    due = add_months(birthday, 1)
    if expiry == due:
        return True
    if expiry == due + _DAY and due.day < birthday.day:
        return True
    return (issue or expiry) < MONTH_ADDED_SINCE and expiry == birthday_in(birth, expiry.year)


def last_valid_day(expiry: date) -> date:
    """Return the day until which a licence holds that expires on a day without an office.

    Weekends and 29 December to 3 January; national holidays are not known here, for which the
    policy's days of grace can make room.
    """
    day = expiry
    while day.weekday() >= 5 or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        day += _DAY
    return day
