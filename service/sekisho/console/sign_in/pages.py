"""The pages of signing in, and how they are drawn."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

Render = Callable[[Request, str, Mapping[str, object], int], Response]
"""Draws a template of `console/templates` for a request, with a context and a status."""

TEMPLATE: Final = "sign_in.html"


class Pages:
    """Answers with a page of signing in."""

    def __init__(self, render: Render) -> None:
        self._render = render

    def show(
        self, request: Request, status: int = 200, problem: str = "", **more: object
    ) -> Response:
        """Return a page; `problem` is the key of what went wrong, see texts/sign_in.py."""
        response = self._render(request, TEMPLATE, {"problem": problem, **more}, status)
        response.headers["cache-control"] = "no-store"
        return response
