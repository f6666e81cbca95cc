"""The paths of signing in, and those that need no session."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

SIGN_IN: Final = "/sign-in"
START: Final = "/sign-in/start"
CALLBACK: Final = "/sign-in/callback"
SIGN_OUT: Final = "/sign-out"
HOME: Final = "/"

OPEN: Final = (SIGN_IN, START, CALLBACK, "/static/", "/health", "/favicon.ico")
"""Paths for everybody; what ends with a slash stands for all below it."""

_INNER: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,2000}")


def is_open(path: str, open_paths: Sequence[str]) -> bool:
    """Return whether a path needs no session."""
    return any(
        path == each or (each.endswith("/") and path.startswith(each)) for each in open_paths
    )


def inner(text: str) -> str:
    """Return where to go after signing in: a path of this console, else its first page.

    Nothing that a browser could take for another host, and no page of signing in.
    """
    good = _INNER.fullmatch(text) and not text.startswith((SIGN_IN, SIGN_OUT))
    return text if good else HOME


def with_next(path: str, next_: str) -> str:
    """Return a path that remembers where to go afterwards."""
    return path if next_ == HOME else f"{path}?next={quote(next_, safe='')}"
