"""What a form's fields may hold."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from sekisho.console.forms import BadFormError, Form
from sekisho.console.identifiers import KINDS, BadIdentifierError, document_types, identifier_of
from sekisho.console.navigation import PLACES

JAPAN = ZoneInfo("Asia/Tokyo")


def test_days_and_moments_are_read_in_a_zone() -> None:
    form = Form([("day", "2026-11-27"), ("at", "2026-11-27T09:30")])
    assert form.day("day") == date(2026, 11, 27)
    assert form.moment("at", JAPAN) == datetime(2026, 11, 27, 9, 30, tzinfo=JAPAN)
    assert form.day("none") is None
    assert form.moment("none", JAPAN) is None


@pytest.mark.parametrize("value", ["x", "2026-02-30", "1999-12-31", "3000-01-01", "20261127", "２"])
def test_what_is_no_day_is_refused(value: str) -> None:
    with pytest.raises(BadFormError):
        Form([("day", value)]).day("day")


@pytest.mark.parametrize("value", ["x", "2026-11-27", "2026-11-27T25:00", "1999-11-27T09:30"])
def test_what_is_no_moment_is_refused(value: str) -> None:
    with pytest.raises(BadFormError):
        Form([("at", value)]).moment("at", JAPAN)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_identifier_can_be_given(kind: str) -> None:
    made = identifier_of(kind, {kind: "1", "name": "n", "birth_date": "1980"})
    assert made.WhichOneof("kind") == kind


def test_an_unknown_kind_or_type_is_refused() -> None:
    with pytest.raises(BadIdentifierError):
        identifier_of("colour", {})
    with pytest.raises(BadIdentifierError):
        identifier_of("document", {"type": "library_card"})
    assert "driving_licence" in document_types()


def test_every_page_of_the_rail_has_its_own_key_and_place() -> None:
    assert len({place.key for place in PLACES}) == len(PLACES)
    for path in ("/", "/cases/x", "/watchlists/x/import", "/shops/ginza"):
        assert sum(place.holds(path) for place in PLACES) == 1, path
