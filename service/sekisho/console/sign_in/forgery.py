"""Requests that another site makes a browser send: told by their origin, and by what they lack."""

import hmac
import re
from collections import deque
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from sekisho.console.session import CSRF_FIELD, CSRF_HEADER

SAFE: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""

MOST_FORM_BYTES: Final = 256 * 1024
_MOST_FIRST_PART: Final = 1024
_FIRST_PART: Final = re.compile(
    rb'(?i:--[^\r\n]{1,200}\r\ncontent-disposition: *form-data; *name="%s"\r\n\r\n)'
    rb"([A-Za-z0-9_-]{1,100})\r\n--" % CSRF_FIELD.encode()
)


class TooLongError(Exception):
    """The form has more bytes than any of the console's."""


def same_origin(headers: Headers, origin: str) -> bool:
    """Return whether a browser says that a page of `origin` sent this.

    One that says nothing is not believed: every browser says one or the other of a POST.
    """
    site, sender = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        # Under a strict referrer policy the other header is "null" even within one origin.
        return site == "same-origin" and sender in {None, "null", origin}
    return sender == origin


def equal(given: str, expected: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(given.encode(), expected.encode())


async def value_of(headers: Headers, receive: Receive) -> tuple[str, Receive]:
    """Return the value that a request brings against forgery, and what reads its body from the
    start again.

    From the header; else from a form's field, which in a multipart form must be the first: a file
    is not held here. Empty where there is none. Raises TooLongError.
    """
    if given := headers.get(CSRF_HEADER):
        return given, receive
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        messages = await _read(receive, MOST_FORM_BYTES)
        if _size(messages) > MOST_FORM_BYTES:
            raise TooLongError
        try:
            fields = parse_qs(_body(messages).decode("utf-8", "replace"), max_num_fields=1000)
        except ValueError:
            raise TooLongError from None
        return fields.get(CSRF_FIELD, [""])[0], _again(messages, receive)
    if kind == "multipart/form-data":
        messages = await _read(receive, _MOST_FIRST_PART)
        found = _FIRST_PART.match(_body(messages)[:_MOST_FIRST_PART])
        return (found[1].decode() if found else ""), _again(messages, receive)
    return "", receive


async def _read(receive: Receive, most: int) -> list[Message]:
    """Read messages up to the body's end, or until they hold more than `most` bytes."""
    messages: list[Message] = []
    while True:
        message = await receive()
        messages.append(message)
        ended = message["type"] != "http.request" or not message.get("more_body")
        if ended or _size(messages) > most:
            return messages


def _again(messages: Iterable[Message], receive: Receive) -> Receive:
    waiting = deque(messages)

    async def read() -> Message:
        return waiting.popleft() if waiting else await receive()

    return read


def _body(messages: Iterable[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in messages)


def _size(messages: Iterable[Message]) -> int:
    return sum(len(message.get("body", b"")) for message in messages)
