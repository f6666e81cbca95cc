"""Files of watchlist entries: what is read of them, and what is told of those that are wrong."""

import pytest

from sekisho.console.watchlist_files import MOST_ENTRIES, MOST_PROBLEMS, read
from sekisho.v1.sim_change_pb2 import IdentityDocument

HEAD = "document,type,country,contact,name,birth_date,reason,source,expires\n"


def test_a_row_is_an_entry() -> None:
    entries, problems = read(
        (
            HEAD
            + "301612345630,driving_licence,JP,,,,forged,police,2030-01-31\n"
            + ",,,taro@example.jp,,,,,\n\n"
            + ",,,,山田 太郎,1980,,,\n"
        ).encode()
    )
    assert not problems
    first, second, third = entries
    assert first.identifier.document.type == IdentityDocument.TYPE_DRIVING_LICENCE
    assert first.identifier.document.number == "301612345630"
    assert (first.reason, first.source) == ("forged", "police")
    assert first.expire_time.ToJsonString() == "2030-01-31T15:00:00Z", "to the day's end in Japan"
    assert second.identifier.contact == "taro@example.jp"
    assert not second.HasField("expire_time")
    assert third.identifier.person.birth_date == "1980"


def test_json_lines_are_entries() -> None:
    entries, problems = read(b'{"identifier": {"contact": "a@example.jp"}, "reason": "r"}\n\n')
    assert not problems
    assert [each.reason for each in entries] == ["r"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_spreadsheets_encodings_are_read(encoding: str) -> None:
    entries, problems = read("contact,reason\na@example.jp,不正利用\n".encode(encoding))
    assert not problems
    assert entries[0].reason == "不正利用"


@pytest.mark.parametrize(
    ("content", "row", "key"),
    [
        (b"", 1, "headings"),
        (b"contact,reason\n", 1, "empty"),
        (b"\x81\x01", 1, "encoding"),
        (b"contact,colour\nx,red\n", 1, "headings"),
        (b"contact,imei\na@example.jp,490154203237518\n", 2, "one_identifier"),
        (b"contact,reason\n,only a reason\n", 2, "one_identifier"),
        (b"contact,reason\na@example.jp,r,more\n", 2, "cells"),
        (b"document,type\n1,library_card\n", 2, "identifier"),
        (b"contact,expires\na@example.jp,tomorrow\n", 2, "expires"),
        (b"contact,expires\na@example.jp,9999-12-31\n", 2, "expires"),
        (b"{\n", 1, "json"),
        (b'{"identifier": 1}', 1, "json"),
        (b'{"a":' * 100, 1, "json"),
    ],
)
def test_what_is_wrong_is_told_by_its_row(content: bytes, row: int, key: str) -> None:
    _, problems = read(content)
    assert (problems[0].row, problems[0].key) == (row, key)


def test_what_stands_in_a_wrong_row_is_not_repeated() -> None:
    _, problems = read(b"contact,imei\nsecret@example.jp,1\n{\n")
    assert "secret" not in repr(problems)


def test_only_the_first_problems_are_told_and_a_file_has_an_end() -> None:
    _, problems = read(b"contact,imei\n" + b"a,1\n" * 1_000)
    assert len(problems) == MOST_PROBLEMS
    entries, problems = read(b"contact\n" + b"a@example.jp\n" * (MOST_ENTRIES + 5))
    assert problems[-1].key == "too_many"
    assert len(entries) == MOST_ENTRIES + 1
