"""What browsers send, read with care: no page trusts that its own form sent it."""

import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

_MOST_FIELDS: Final = 1000
_FRAME: Final = 64 * 1024
"""What a form has around its file."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = (2000, 2999)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadFormError(Exception):
    """A field holds what no form of this console sends. The text names the field."""


class Form:
    """The fields of a form or of an address."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        """Take the fields in their order."""
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name, []).append(_CONTROL.sub("\ufffd", value))

    @classmethod
    async def sent(cls, request: Request) -> "Form":
        """Read what was posted. Raises BadFormError."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded":
            raise BadFormError("content-type")
        async with request.form(max_fields=_MOST_FIELDS) as form:
            return cls([(n, v) for n, v in form.multi_items() if isinstance(v, str)])

    @classmethod
    async def with_file(cls, request: Request, most: int) -> "tuple[Form, bytes]":
        """Read what was posted with one file of at most so many bytes. Raises BadFormError."""
        headers = request.headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "multipart/form-data":
            raise BadFormError("content-type")
        length = headers.get("content-length", "")
        if not length.isascii() or not length.isdigit() or int(length) > most + _FRAME:
            raise BadFormError("file")
        async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
            fields = [(n, v) for n, v in form.multi_items() if isinstance(v, str)]
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise BadFormError("file")
            return cls(fields), await file.read(most + 1)

    @classmethod
    def of_address(cls, request: Request) -> "Form":
        """Read what stands behind the question mark."""
        return cls(request.query_params.multi_items())

    def text(self, name: str) -> str:
        """Return a field without space around it; empty where it was not sent."""
        return self._fields.get(name, [""])[-1].strip()

    def texts(self, name: str) -> list[str]:
        """Return every value of a field that is not empty."""
        return [value.strip() for value in self._fields.get(name, []) if value.strip()]

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of the choices, or nothing. Raises BadFormError for another."""
        value = self.text(name)
        if value and value not in choices:
            raise BadFormError(name)
        return value

    def tri(self, name: str) -> bool | None:
        """Return yes, no, or None for either. Raises BadFormError."""
        return {"yes": True, "no": False}.get(self.choice(name, ("yes", "no")))

    def enum(self, name: str, kind: Any) -> Any:
        """Return an enumeration's value by its name, 0 without one. Raises BadFormError."""
        value = self.text(name)
        return _value(name, kind, value) if value else 0

    def enums(self, name: str, kind: Any) -> list[Any]:
        """Return several values of an enumeration. Raises BadFormError."""
        return [_value(name, kind, value) for value in dict.fromkeys(self.texts(name))]

    def number(self, name: str) -> float | None:
        """Return a number, None without one. Raises BadFormError."""
        value = self.text(name)
        try:
            return float(value) if value else None
        except ValueError:
            raise BadFormError(name) from None

    def whole(self, name: str, most: int) -> int:
        """Return a whole number up to `most`, 0 without one. Raises BadFormError."""
        value = self.text(name)
        if not value:
            return 0
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > most:
            raise BadFormError(name)
        return int(value)

    def day(self, name: str) -> date | None:
        """Return a day, None without one. Raises BadFormError."""
        value = self.text(name)
        if not value:
            return None
        if not _DAY.fullmatch(value):
            raise BadFormError(name)
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise BadFormError(name) from None
        if not _YEARS[0] <= found.year <= _YEARS[1]:
            raise BadFormError(name)
        return found

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """Return a moment that was given in a zone, to the minute; None without one. Raises
        BadFormError."""
        value = self.text(name)
        if not value:
            return None
        try:
            found = datetime.strptime(value, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        except ValueError:
            raise BadFormError(name) from None
        if not _YEARS[0] <= found.year <= _YEARS[1]:
            raise BadFormError(name)
        return found

    def request_id(self) -> str:
        """Return the form's id. Raises BadFormError where it has none that a page gave it."""
        try:
            return str(UUID(self.text("request_id")))
        except ValueError:
            raise BadFormError("request_id") from None

    def pairs(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """Return those of the fields `names` that are not empty."""
        return [
            (name, value) for name in names for value in self._fields.get(name, []) if value.strip()
        ]


def _value(name: str, kind: Any, value: str) -> Any:
    try:
        return kind.Value(value)
    except ValueError:
        raise BadFormError(name) from None
