"""Shops as files."""

from pathlib import Path

import pytest
from google.protobuf import json_format

from sekisho.cli import shop_files, story
from sekisho.cli.failures import CommandError
from sekisho.cli.shop_files import weekly_hours
from sekisho.v1.shop_pb2 import ImportShopsRequest, Shop

ROOT = Path(__file__).parents[2]


def read(folder: Path, name: str, text: str) -> list[Shop]:
    file = folder / name
    file.write_text(text)
    return shop_files.read(file)


@pytest.mark.parametrize(
    ("text", "days", "hours"),
    [
        ("mon-fri 10:00-20:00", [1, 2, 3, 4, 5], ("10:00", "20:00")),
        ("sat,sun 00:00-24:00", [6, 7], ("00:00", "24:00")),
        ("Fri-Mon  09:30-12:00", [1, 5, 6, 7], ("09:30", "12:00")),
        ("mon,wed-thu 10:00-11:00", [1, 3, 4], ("10:00", "11:00")),
        ("sun 10:00-11:00", [7], ("10:00", "11:00")),
    ],
)
def test_hours_are_read_as_people_write_them(
    text: str, days: list[int], hours: tuple[str, str]
) -> None:
    found = weekly_hours(text)
    assert [span.weekday for span in found] == days
    assert {(span.open, span.close) for span in found} == {hours}


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 10-20", "mon 20:00-10:00", "mon 10:00-10:00", "moon 10:00-20:00"]
)
def test_hours_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        weekly_hours(text)


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    toml = read(
        tmp_path,
        "shops.toml",
        '[[shops]]\nid = "a"\ndisplay_name = "栄店"\nprefecture = "JP-23"\n'
        'terminals = ["t1", "t2"]\nhours = ["mon-fri 10:00-20:00", "sat 10:00-18:00"]\n',
    )
    csv = read(
        tmp_path,
        "shops.csv",
        "id,display_name,prefecture,terminals,hours\n"
        "a,栄店,JP-23,t1; t2,mon-fri 10:00-20:00;sat 10:00-18:00\n",
    )
    text = json_format.MessageToJson(ImportShopsRequest(shops=toml))
    assert toml == csv == read(tmp_path, "shops.json", text)
    assert len(toml[0].opening_hours) == 6


def test_shifts_belong_to_clerks(tmp_path: Path) -> None:
    (shop,) = read(
        tmp_path,
        "shops.toml",
        '[[shops]]\nid = "a"\nprefecture = "JP-23"\n[shops.shifts]\nc-1 = ["mon 10:00-15:00"]\n',
    )
    assert shop.clerk_shifts[0].clerk == "c-1"
    assert shop.clerk_shifts[0].shifts[0].close == "15:00"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("shops.yaml", "", "expected a .toml, .csv or .json file"),
        ("shops.toml", "shops = ", "shops.toml"),
        ("shops.toml", "", "expected [[shops]]"),
        ("shops.toml", "shops = [1]", "expected [[shops]] tables"),
        ("shops.toml", '[[shops]]\nname = "a"', "shop 1: unknown name"),
        ("shops.toml", "[[shops]]\nid = 1", "shop 1: id: expected text"),
        ("shops.toml", '[[shops]]\nterminals = "t1"', "terminals: expected a list"),
        ("shops.toml", '[[shops]]\nhours = ["never"]', "expected hours such as"),
        ("shops.toml", "[[shops]]\nshifts = 1", "shifts: expected a table"),
        ("shops.csv", "id,prefecture\na\n", "shop 1: has more or fewer columns"),
        ("shops.csv", "id,prefecture\n", "holds no shop"),
        ("shops.json", "{", "is not an ImportShopsRequest"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(CommandError) as caught:
        read(tmp_path, name, text)
    assert told in caught.value.message


def test_the_files_that_ship_can_be_read() -> None:
    assert len(shop_files.read(story.folder() / story.SHOPS)) == 2
    assert len(shop_files.read(ROOT / "deploy" / "shops.example.toml")) == 3
