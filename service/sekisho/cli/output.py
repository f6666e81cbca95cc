"""Where the commands write: what was asked for to standard output, the rest to standard error."""

import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TextIO

from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from sekisho.cli.failures import CommandError


_PIPED_WIDTH = 120
"""A file or pipe has no width of its own."""


def _width(stream: TextIO) -> int | None:
    return None if stream.isatty() else _PIPED_WIDTH


class _Console(Console):
    """`sekisho … | head` closes the pipe early; nothing is wrong."""

    def on_broken_pipe(self) -> None:
        discard_output()
        raise SystemExit(0)


def discard_output() -> None:
    """Let what is still to be written go nowhere, so that the interpreter's end is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@cache
def out() -> Console:
    """Return the console of standard output."""
    return _Console(highlight=False, width=_width(sys.stdout))


@cache
def err() -> Console:
    """Return the console of standard error."""
    return _Console(stderr=True, highlight=False, width=_width(sys.stderr))


def failure(error: "CommandError") -> None:
    """Write why a command failed."""
    err().print(Text.assemble(("error: ", "bold red"), error.message), soft_wrap=True)
    if error.fields:
        err().print(table(("field", "expected"), error.fields))
    if error.hint:
        err().print(Text(error.hint), soft_wrap=True)


def table(
    header: Sequence[str], rows: Iterable[Sequence[str | Text]], *, title: str | None = None
) -> Table:
    """Return a plain table; what it holds is never read as markup."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in header:
        made.add_column(name, overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return made


def json(message: Message) -> None:
    """Write a message in protobuf's JSON mapping."""
    text = json_format.MessageToJson(message, ensure_ascii=False)
    out().print(Text(text), soft_wrap=True)


def pairs(rows: Iterable[tuple[str, str]]) -> Table:
    """Return names and values as an aligned list."""
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(name), Text(value))
    return made
