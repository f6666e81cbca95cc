"""Reaching into a message by the path of a field."""

import re
from typing import Any

from google.protobuf.message import Message

_STEP = re.compile(r"([a-z_0-9]+)(?:\[([0-9]+)\])?")


def put(message: Message, path: str, value: object) -> None:
    """Set `a.b[0].c` to a value; None clears the field, a list replaces a repeated one.

    An index one beyond the end adds an element.
    """
    *way, last = path.split(".")
    target: Any = message
    for step in way:
        name, index = _step(step)
        target = getattr(target, name)
        if index is not None:
            while len(target) <= index:
                target.add()
            target = target[index]
    name, index = _step(last)
    if index is not None:
        repeated = getattr(target, name)
        if index == len(repeated):
            repeated.append(value)
        elif isinstance(value, Message):
            repeated[index].CopyFrom(value)
        else:
            repeated[index] = value
    elif value is None:
        target.ClearField(name)
    elif isinstance(value, list):
        target.ClearField(name)
        getattr(target, name).extend(value)
    elif isinstance(value, Message):
        getattr(target, name).CopyFrom(value)
    else:
        setattr(target, name, value)


def _step(text: str) -> tuple[str, int | None]:
    found = _STEP.fullmatch(text)
    assert found, text
    return found[1], int(found[2]) if found[2] else None
