"""Logs: one line an event on standard error, and nothing of a request in it.

What an exception or a library has to say may quote what it choked on, a telephone number for
one. So of exceptions only types and frames are kept, and of other libraries' messages only the
template.
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
import structlog

MOST_FRAMES = 30
"""Innermost frames kept of one exception."""


def describe(error: BaseException) -> dict[str, object]:
    """Return what may be logged of an exception: types, innermost cause last, and frames."""
    return {
        "error": [f"{type(each).__module__}.{type(each).__qualname__}" for each in _chain(error)],
        "frames": [
            f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        ],
    }


def configure(level: str = "info", *, readable: bool | None = None) -> None:
    """Send all logs to standard error: JSON, or readable lines where `readable`.

    `level` is debug, info, warning or error. `readable` None: readable on a terminal.
    """
    if readable is None:
        readable = sys.stderr.isatty()
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if readable
        else structlog.processors.JSONRenderer(serializer=_json)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_exception_texts,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Forgiving(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers = [_FromLibraries()]
    logging.root.setLevel(max(number, logging.WARNING))


class _Forgiving:
    """A stream whose reader may be gone: a line that nobody takes is lost, and nothing else is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write what can be written."""
        with self._forgiven():
            self._stream.write(text)

    def flush(self) -> None:
        """Hand on what can be handed on."""
        with self._forgiven():
            self._stream.flush()

    @contextmanager
    def _forgiven(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            # Nobody reads here ever again, and what is buffered would fail once more when the
            # interpreter ends, and make its exit status 120.
            self._stream = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
        except (OSError, ValueError):
            pass


def without_exception_texts(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Put types and frames in place of an exception: a processor for structlog."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    elif isinstance(given, tuple):
        given = given[1]
    if isinstance(given, BaseException):
        event.update(describe(given))
    return event


class _FromLibraries(logging.Handler):
    """Passes on what libraries log through the standard library, without its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger("sekisho.libraries").log(
            record.levelno,
            "library_log",
            library=record.name,
            template=str(record.msg) if record.args else "",
            where=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )


def _json(event: MutableMapping[str, Any], **_options: object) -> str:
    return orjson.dumps(event, default=lambda value: type(value).__qualname__).decode()


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
