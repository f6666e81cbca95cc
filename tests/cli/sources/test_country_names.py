"""Country names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cli.sources.country_names import _NAMES, country_code
from sekisho.domain.countries import country

TABLE = [(line[:2], name) for line in _NAMES.strip().splitlines() for name in line[3:].split("|")]


def test_no_two_countries_share_a_name() -> None:
    for code, name in TABLE:
        assert country_code(name) == code


def test_every_code_is_one_that_the_service_knows() -> None:
    for code in {code for code, _ in TABLE}:
        assert country(code)
        assert country_code(code) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Korea, North", "KP"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Democratic People’s Republic of Korea", "KP"),
        ("Congo, Democratic Republic of the", "CD"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Cabo Verde.  Previously Cape Verde.", "CV"),
        ("TÜRKIYE", "TR"),
        ("Cote d'Ivoire", "CI"),
        ("The Gambia", "GM"),
        ("Niger", "NE"),
        ("Guinea-Bissau", "GW"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
    ],
)
def test_names_are_known_as_lists_write_them(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("name", ["", "in", "is", "the", "Yugoslavia", "Atlantis", "0", "XX"])
def test_what_is_no_country_gives_none(name: str) -> None:
    assert country_code(name) is None


@given(st.text())
def test_any_text_gives_a_code_or_none(name: str) -> None:
    code = country_code(name)
    assert code is None or len(code) == 2
