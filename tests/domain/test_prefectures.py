"""Prefectures and their neighbours."""

import pytest

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.domain.prefectures import NEIGHBOURS, is_far, prefecture


def test_there_are_47_and_being_next_to_is_mutual() -> None:
    assert sorted(NEIGHBOURS) == [f"JP-{code:02}" for code in range(1, 48)]
    for code, others in NEIGHBOURS.items():
        assert code not in others
        assert all(code in NEIGHBOURS[other] for other in others)


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("JP-01", "02"),
        ("JP-13", "11 12 14 19"),
        ("JP-20", "10 11 15 16 19 21 22 23"),
        ("JP-28", "26 27 31 33 36"),
        ("JP-35", "32 34 40"),
        ("JP-37", "33 36 38"),
        ("JP-42", "41"),
        ("JP-47", "46"),
    ],
)
def test_neighbours_are_those_on_the_map(code: str, others: str) -> None:
    assert NEIGHBOURS[code] == {f"JP-{other}" for other in others.split()}


def test_every_prefecture_can_be_reached_from_every_other() -> None:
    reached = {"JP-01"}
    while more := {n for code in reached for n in NEIGHBOURS[code]} - reached:
        reached |= more
    assert len(reached) == 47


@pytest.mark.parametrize(
    ("home", "shop", "far"),
    [
        ("JP-27", "JP-23", True),
        ("JP-27", "JP-28", False),
        ("JP-27", "JP-27", False),
        ("", "JP-27", False),
        ("JP-27", "", False),
    ],
)
def test_a_shop_is_far_when_it_is_neither_at_home_nor_next_door(
    home: str, shop: str, far: bool
) -> None:
    assert is_far(home, shop) is far


def test_a_prefecture_is_read_in_either_case_and_full_width() -> None:
    assert prefecture(" ｊｐ－１３") == "JP-13"


@pytest.mark.parametrize("raw", ["", "13", "JP-00", "JP-48", "JP-1", "東京都"])
def test_what_is_no_prefecture_is_refused(raw: str) -> None:
    with pytest.raises(MalformedIdentifierError, match="JP-01 to JP-47"):
        prefecture(raw)
