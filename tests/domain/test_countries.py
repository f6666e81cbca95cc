"""Countries, ISO 3166-1."""

from importlib.resources import files

import pytest

from sekisho.domain.countries import ALPHA_3, country
from sekisho.domain.errors import MalformedIdentifierError


def test_the_table_has_the_codes_that_the_time_zone_database_has() -> None:
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text()
    codes = {line[:2] for line in table.splitlines() if not line.startswith("#")}
    assert set(ALPHA_3) == codes
    assert len(set(ALPHA_3.values())) == len(codes) == 249


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("JP", "JPN"), ("jpn", "JPN"), ("ＪＰ ", "JPN"), ("CH", "CHE"), ("AUT", "AUT"), ("KR", "KOR")],
)
def test_a_country_is_read_as_alpha_2_or_alpha_3(raw: str, expected: str) -> None:
    assert country(raw) == expected


def test_alpha_3_of_every_country_stands_for_itself() -> None:
    assert all(country(a2) == country(a3) == a3 for a2, a3 in ALPHA_3.items())


@pytest.mark.parametrize("raw", ["", "J", "JAPAN", "UTO", "XX", "392"])
def test_what_is_no_country_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="ISO 3166-1"):
        country(raw)
