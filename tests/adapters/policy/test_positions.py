import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.policy.positions import find_positions, string_characters

TEXT = '''# name = "not this one"
name = "a"
[documents] # [x]
accepted = ["x", # ]
 "]y"]
[[rule]]
code = "a" # "
when = 'x > 1'
text.en = """
foo ""\\" \\
   bar"""""
[[rule]]
code='b'
"when" = "a\\"b \\u3042 c"
text = {en = "x", ja = "="}
[rule.more]
z=1
'''


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("name",), (2, 1), (2, 8)),
        (("documents", "accepted"), (4, 1), (4, 12)),
        (("rule", 0, "code"), (7, 1), (7, 8)),
        (("rule", 0, "when"), (8, 1), (8, 8)),
        (("rule", 0, "text", "en"), (9, 1), (9, 11)),
        (("rule", 1, "code"), (13, 1), (13, 6)),
        (("rule", 1, "when"), (14, 1), (14, 10)),
        (("rule", 1, "more", "z"), (17, 1), (17, 3)),
    ],
)
def test_keys_and_values_are_found_whatever_stands_around_them(
    path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    positions = find_positions(TEXT)

    assert positions.key(path) == key
    assert positions.at(positions.values[path]) == value


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("documents",), (3, 1)),
        (("rule", 0), (6, 1)),
        (("rule", 1, "weight"), (12, 1)),
        (("rule", 1, "text", "ja"), (15, 1)),
        (("threshold",), (1, 1)),
    ],
)
def test_what_is_not_there_has_the_place_of_its_table(
    path: tuple[str | int, ...], expected: tuple[int, int]
) -> None:
    assert find_positions(TEXT).key(path) == expected


def test_a_character_of_a_string_is_found_behind_escapes_and_line_ends() -> None:
    positions = find_positions(TEXT)

    assert positions.within(("rule", 1, "when"), 1, 6) == (14, 22)
    assert positions.within(("rule", 0, "text", "en"), 1, 9) == (11, 4)


def test_a_place_after_a_strings_end_is_its_end_and_in_no_string_its_key() -> None:
    positions = find_positions('when = "ab"\ncount = 3\n')

    assert positions.within(("when",), 1, 3) == (1, 12)
    assert positions.within(("count",), 1, 1) == (2, 1)
    assert positions.within(("other",), 1, 1) == (1, 1)


def test_the_second_line_of_a_string_counts_from_its_own_start() -> None:
    text = "when = '''\nline.known\n  && shop.known'''\n"

    assert find_positions(text).within(("when",), 2, 6) == (3, 6)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.just("\n"))


@given(texts)
def test_a_strings_characters_are_those_that_tomllib_reads(text: str) -> None:
    basic = text.replace("\\", "\\\\").replace('"', '\\"')
    for quoted in (
        '"' + basic.replace("\n", "\\n") + '"',
        '"""\n' + basic + '"""',
        *(("'''\n" + text + "'''",) if "'''" not in text and not text.endswith("'") else ()),
    ):
        read = tomllib.loads(f"a = {quoted}\nb = 1\n")
        positions = find_positions(f"a = {quoted}\nb = 1\n")
        characters = string_characters(positions.text, positions.values["a",])

        assert "".join(character for character, _ in characters) == read["a"]
        assert positions.text[positions.keys["b",]] == "b"


@given(st.text(max_size=60))
def test_any_text_that_tomllib_reads_is_scanned_to_its_end(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    find_positions(text.replace("\r\n", "\n"))


@pytest.mark.parametrize("text", ["a = 1", 'a = "x"', "a = [1] # end", "[t]"])
def test_a_text_need_not_end_in_a_line_end(text: str) -> None:
    assert find_positions(text).at(0) == (1, 1)
    assert len(find_positions(text).keys) == 1
