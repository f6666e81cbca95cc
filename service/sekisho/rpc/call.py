"""One call under way."""

from typing import Final

import grpc

from sekisho.domain.identity import Identity
from sekisho.rpc import deadlines, language

Context = grpc.aio.ServicerContext[bytes, bytes]

LANGUAGE_KEY: Final = "accept-language"
TRACE_KEY: Final = "traceparent"
_MOST_TRACEPARENT = 512


class Call:
    """Who calls, how much time there is, and what the metadata asks for."""

    __slots__ = ("_context", "_metadata", "_most_seconds", "identity")

    def __init__(self, identity: Identity, context: Context, most_seconds: float) -> None:
        self.identity = identity
        self._context = context
        self._most_seconds = most_seconds
        self._metadata: dict[str, str | bytes] | None = None

    def seconds_left(self) -> float:
        """Return what is left of the caller's time. Raises DeadlineExceededError."""
        return deadlines.seconds_left(self._context, self._most_seconds)

    @property
    def bounded(self) -> bool:
        """Whether the caller's own deadline is short enough: gRPC ends the call by itself then."""
        return deadlines.is_bounded(self._context, self._most_seconds)

    @property
    def language(self) -> str:
        """The language of what the caller reads: ja or en."""
        return language.choose(self._text(LANGUAGE_KEY))

    @property
    def traceparent(self) -> str:
        """The caller's W3C trace header, or empty."""
        value = self._text(TRACE_KEY)
        return value if len(value) <= _MOST_TRACEPARENT else ""

    def _text(self, key: str) -> str:
        if self._metadata is None:
            self._metadata = dict(self._context.invocation_metadata() or ())
        value = self._metadata.get(key, "")
        return value if isinstance(value, str) else ""
