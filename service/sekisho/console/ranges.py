"""A range of days, as a page's form gives it: in the analyst's zone, both days included."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sekisho.console.forms import BadFormError, Form
from sekisho.console.page import Page
from sekisho.console.paths import at_midnight

DAYS: Final = 30
MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Range:
    """From the beginning of one day to the end of another."""

    first: date
    last: date
    start: datetime
    end: datetime


def range_of(page: Page, form: Form) -> Range:
    """Return the range of the fields `from` and `to`; without them the last `days` days.

    Raises BadFormError for what is no day, ends before it starts, or is longer than a year.
    """
    zone = page.preferences.zone
    last = form.day("to") or page.now.astimezone(zone).date()
    days = form.whole("days", MOST_DAYS) or DAYS
    first = form.day("from") or last - timedelta(days=days - 1)
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise BadFormError("from")
    start = at_midnight(first, zone)
    end = at_midnight(last + timedelta(days=1), zone)
    return Range(first, last, start, end)
