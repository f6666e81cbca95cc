"""One request as its page sees it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sekisho.console.api import Api, Caller
from sekisho.console.drawing import Drawing
from sekisho.console.preferences import Preferences, preferences_of
from sekisho.console.rule_texts import RuleTexts
from sekisho.console.session import Session, session_of
from sekisho.console.texts import Text
from sekisho.console.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Tools:
    """What all pages share: the API's channel, what draws, the policy's texts, and files that
    are being imported."""

    api: Api
    drawing: Drawing
    rule_texts: RuleTexts
    uploads: Uploads


class Page:
    """Who asks, how they want it, and the API in their name."""

    def __init__(self, request: Request) -> None:
        """Take a request of somebody who is signed in. Raises LookupError for another."""
        self._tools: Tools = request.app.state.tools
        self.request = request
        self.session: Session = session_of(request)
        self.preferences: Preferences = preferences_of(request)
        self.text = Text(self.preferences.language)
        self.now = datetime.now(UTC)

    @property
    def me(self) -> str:
        """The analyst's name, `analyst/sato`."""
        return self.session.analyst

    @cached_property
    def api(self) -> Caller:
        """The API as this analyst calls it."""
        return self._tools.api.of(self.session, self.preferences.language)

    @property
    def uploads(self) -> Uploads:
        """The files that are being imported."""
        return self._tools.uploads

    async def rule_texts(self) -> Mapping[str, str]:
        """Return what each rule of the policy says, by its code."""
        return await self._tools.rule_texts.of(self.api, self.preferences.language)

    def show(
        self, template: str, context: Mapping[str, Any] | None = None, status: int = 200
    ) -> Response:
        """Return a page."""
        return self._tools.drawing.draw(
            self.request,
            template,
            {"session": self.session, "request_id": new_id, **(context or {})},
            status,
            preferences=self.preferences,
            now=self.now,
        )


def new_id() -> str:
    """Return the id of a request to come: a form sent twice is one request."""
    return str(uuid.uuid4())
