"""Requests as files: JSON in protobuf's mapping."""

import sys
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from google.protobuf import json_format
from google.protobuf.message import Message

from sekisho.cli.client import read_bytes
from sekisho.cli.failures import CommandError

STANDARD_INPUT = "-"
LARGEST = 16 * 1024 * 1024

M = TypeVar("M", bound=Message)


def read(file: str, message: M) -> M:
    """Fill a message from a file, or from standard input for `-`."""
    text = read_text(file)
    try:
        return json_format.Parse(text, message)
    except json_format.ParseError as error:
        # The rest of the text lists every field there is.
        first = str(error).splitlines()[0][:300]
        raise CommandError(
            f"{_name(file)}: is not a {message.DESCRIPTOR.name} in JSON: {first}"
        ) from None


def read_text(file: str) -> str:
    """Read a text file, or standard input for `-`."""
    if file == STANDARD_INPUT:
        content = sys.stdin.buffer.read(LARGEST + 1)
    else:
        content = read_bytes(Path(file))
    if len(content) > LARGEST:
        raise CommandError(f"{_name(file)}: is larger than {LARGEST // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{_name(file)}: is not UTF-8 text") from None


def new_request_id() -> str:
    """Return a fresh request_id."""
    return str(uuid4())


def _name(file: str) -> str:
    return "standard input" if file == STANDARD_INPUT else file
