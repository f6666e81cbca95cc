"""The pages of signing in, and how they are drawn."""

from collections.abc import Callable, Mapping
from typing import Final

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sekisho.console.sign_in.texts import texts_for

Render = Callable[[Request, str, Mapping[str, object], int], Response]
"""Draws a template of `console/templates` for a request, with a context and a status."""

TEMPLATE: Final = "sign_in.html"

_templates = Environment(loader=PackageLoader("sekisho.console", "templates"), autoescape=True)


def plain(request: Request, template: str, context: Mapping[str, object], status: int) -> Response:
    """Draw a page by itself."""
    return HTMLResponse(_templates.get_template(template).render(**context), status)


class Pages:
    """Answers with a page of signing in."""

    def __init__(self, render: Render) -> None:
        self._render = render

    def show(
        self, request: Request, status: int = 200, problem: str = "", **more: object
    ) -> Response:
        """Return a page; `problem` is the key of what went wrong, see texts.py."""
        language, texts = texts_for(request.headers.get("accept-language", ""))
        context = {"language": language, "texts": texts, "problem": texts.get(problem, ""), **more}
        response = self._render(request, TEMPLATE, context, status)
        response.headers["cache-control"] = "no-store"
        return response
