"""Where things stand in a TOML text: tomllib tells values, and not their places.

Only for text that tomllib has accepted, with LF line ends (tomllib reads CRLF as LF too): this
scanner looks for ends, and judges nothing. What it does not find has its table's place.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Final

from sekisho.domain.value import value

Path = tuple[str | int, ...]
"""A key's place: `("rule", 3, "text", "en")`, arrays of tables by index."""

_NAME: Final = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED: Final = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_HEADER = re.compile(rf"(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?")
_KEY = re.compile(rf"({_DOTTED})[ \t]*=[ \t]*")
_PART = re.compile(_NAME)
_ESCAPE = re.compile(r"\\(?:u(\w{4})|U(\w{8})|[ \t]*\n\s*|(.))")
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_DELIMITERS: Final = ('"""', "'''", '"', "'")


@value
class Positions:
    """The places of a text's keys and values."""

    text: str
    keys: Mapping[Path, int] = field(default_factory=dict)
    """Offset of each key, and of each table's header, by its path."""
    values: Mapping[Path, int] = field(default_factory=dict)
    """Offset of each value's first character."""

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column, both from 1, of an offset."""
        return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

    def key(self, path: Path) -> tuple[int, int]:
        """Return the place of a key, or of the nearest table above it that has one."""
        while path and path not in self.keys:
            path = path[:-1]
        return self.at(self.keys.get(path, 0))

    def within(self, path: Path, line: int, column: int) -> tuple[int, int]:
        """Return the place of a character of the string at `path`, escapes counted rightly.

        `line` and `column` count from 1 in the string's own value.
        """
        start = self.values.get(path, -1)
        if start < 0 or self.text[start] not in "\"'":
            return self.key(path)
        characters = string_characters(self.text, start)
        starts = [0, *(i for i, (c, _) in enumerate(characters, 1) if c == "\n")]
        index = starts[min(line, len(starts)) - 1] + column - 1
        if index < len(characters):
            return self.at(characters[index][1])
        return self.at(_string_end(self.text, start))


def find_positions(text: str) -> Positions:
    """Find every table, key and value of a TOML text."""
    keys: dict[Path, int] = {}
    values: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    offset = 0
    while offset < len(text):
        if text[offset] == "#":
            offset = _line_end(text, offset)
        elif header := _HEADER.match(text, offset):
            table = _table(_parts(header[2]), header[1] == "[[", counts)
            keys.setdefault(table, offset)
            offset = header.end()
        elif key := _KEY.match(text, offset):
            path = (*table, *_parts(key[1]))
            keys[path] = offset
            values[path] = key.end()
            offset = _value_end(text, key.end())
        else:
            offset += 1
    return Positions(text, keys, values)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _table(parts: Sequence[str], repeated: bool, counts: dict[Path, int]) -> Path:
    path: Path = ()
    for depth, part in enumerate(parts, 1):
        path = (*path, part)
        if repeated and depth == len(parts):
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _value_end(text: str, offset: int) -> int:
    depth = 0
    while offset < len(text):
        character = text[offset]
        if character in "\"'":
            offset = _string_end(text, offset)
            continue
        if character == "#":
            offset = _line_end(text, offset)
            continue
        if character == "\n" and depth == 0:
            return offset
        depth += (character in "[{") - (character in "]}")
        offset += 1
    return offset


def _delimiter(text: str, offset: int) -> str:
    return next(quote for quote in _DELIMITERS if text.startswith(quote, offset))


def _string_end(text: str, offset: int) -> int:
    """Return the offset after a string's closing quotes."""
    quote = _delimiter(text, offset)
    offset += len(quote)
    while offset < len(text) and not text.startswith(quote, offset):
        offset += 2 if quote[0] == '"' and text[offset] == "\\" else 1
    # A multi-line string may end in one or two quotes of its own, right before the closing ones.
    while len(quote) == 3 and text.startswith(quote, offset + 1):
        offset += 1
    return offset + len(quote)


def string_characters(text: str, offset: int) -> list[tuple[str, int]]:
    """Return the characters of the string that opens at `offset`, each with its own offset."""
    quote = _delimiter(text, offset)
    end = _string_end(text, offset) - len(quote)
    offset += len(quote)
    if len(quote) == 3 and text[offset] == "\n":
        offset += 1
    found: list[tuple[str, int]] = []
    while offset < end:
        escape = _ESCAPE.match(text, offset) if quote[0] == '"' else None
        if escape is None:
            found.append((text[offset], offset))
            offset += 1
            continue
        if code := escape[1] or escape[2]:
            found.append((chr(int(code, 16)), offset))
        elif escape[3]:
            found.append((_ESCAPED.get(escape[3], escape[3]), offset))
        offset = escape.end()
    return found
