"""Draws templates: with the texts, labels and moments that the reader wants."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from sekisho.console import moments
from sekisho.console.files import Files
from sekisho.console.headers import nonce_of
from sekisho.console.labels import Labels, number
from sekisho.console.navigation import PLACES
from sekisho.console.preferences import Preferences, preferences_of
from sekisho.console.shares import percent
from sekisho.console.sign_in.paths import inner
from sekisho.console.texts import Text
from sekisho.v1 import decision_pb2, review_queue_pb2, sim_change_pb2, watchlist_pb2

_SIGN_IN: Final[Mapping[str, object]] = {
    "session": None,
    "problem": "",
    "signed_out": False,
    "code": "",
    "name": "",
    "next": "",
    "start": "",
    "ask_link": False,
    "back": "",
}


class Drawing:
    """The templates, and what every one of them is given."""

    def __init__(self, files: Files) -> None:
        """Take the files that pages load."""
        # A name that a page forgot is an error, and not an empty place.
        self._templates = Environment(
            loader=PackageLoader("sekisho.console", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "number": number,
            "machine": lambda at: moments.machine(_moment(at)),
            "path": lambda value: quote(str(value), safe=""),
            "last": lambda name: str(name).rpartition("/")[2],
            "script": _script,
            "label_fact": lambda name, labels: labels.fact(name),
        }
        self._templates.globals |= {
            "file": files.url,
            "places": PLACES,
            "percent": percent,
            "State": decision_pb2.Decision.State,
            "Verdict": decision_pb2.Verdict,
            "Queue": review_queue_pb2.Queue,
            "Disposition": review_queue_pb2.Disposition,
            "Challenge": decision_pb2.Challenge,
            "ChallengeKind": decision_pb2.ChallengeKind,
            "SimChange": sim_change_pb2.SimChange,
            "IdentifierKind": watchlist_pb2.IdentifierKind,
            "CaseOrder": review_queue_pb2.CaseOrder,
        }

    def sign_in(
        self, request: Request, template: str, context: Mapping[str, object], status: int
    ) -> Response:
        """Draw a page of signing in: see sign_in.pages.Render."""
        return self.draw(request, template, {**_SIGN_IN, **context}, status)

    def draw(
        self,
        request: Request,
        template: str,
        context: Mapping[str, Any],
        status: int = 200,
        *,
        preferences: Preferences | None = None,
        now: datetime | None = None,
    ) -> Response:
        """Draw a page."""
        wishes = preferences or preferences_of(request)
        at, text = now or datetime.now(UTC), Text(wishes.language)
        script = {**text.section("moments"), "appeared": text("queue.appeared")}
        drawn = self._templates.get_template(template).render(
            {
                "t": text,
                "label": Labels(text),
                "preferences": wishes,
                "nonce": nonce_of(request),
                "path": request.url.path,
                "here": _here(request),
                "live": "",
                "script_texts": _script(script),
                "clock": lambda moment: moments.clock(_moment(moment), wishes.zone),
                "ago": lambda moment: moments.ago(_moment(moment), at, text),
                "left": lambda moment: moments.left(_moment(moment), at, text),
                "length": lambda seconds: moments.span(seconds, text, "long"),
                "past": lambda moment: _moment(moment) <= at,
                **context,
            }
        )
        return HTMLResponse(drawn, status, headers={"content-language": wishes.language})


def _here(request: Request) -> str:
    """Return the page that somebody is on: that of the form, where one was posted."""
    if request.method not in {"GET", "HEAD"}:
        return inner(urlsplit(request.headers.get("referer", "")).path)
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _moment(at: Timestamp | datetime) -> datetime:
    return at if isinstance(at, datetime) else moments.moment_of(at)


def _script(values: object) -> Markup:
    """Return a value as JSON that cannot end the element that it stands in."""
    text = json.dumps(values, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no markup is left in it
