"""Any message of a type, for property tests."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

INTERESTING = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "+819012345678",
    "09012345678",
    "０９０１２３４５６７８",
    "301612345630",
    "123456789018",
    "1234-5678-9018",
    "8981100022152967705",
    "89001012012341234012345678901224",
    "490154203237518",
    "1990-05-05",
    "2023-02-29",
    "9999-99-99",
    "JP",
    "XX",
    "JP-13",
    "taro@example.jp",
    "0199b0f0-1111-7222-8333-444455556666",
    "decisions/0199b0f0-1111-7222-8333-444455556666",
    "watchlists/mules",
    "shops/ginza",
    "P<UTO" + "<" * 39,
    "\U0001f600",
    "\u202eabc",
    "ー" * 12,
    "１" * 12,
    "x" * 300,
)
TEXT = st.one_of(st.sampled_from(INTERESTING), st.text(max_size=60))
_TYPES: Mapping[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: TEXT,
    FieldDescriptor.TYPE_BYTES: st.one_of(
        st.binary(max_size=40), st.binary(min_size=32, max_size=32)
    ),
    FieldDescriptor.TYPE_DOUBLE: st.floats(),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_ENUM: st.one_of(st.integers(0, 12), st.integers(-(2**31), 2**31 - 1)),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 2**32 - 1),
}


def messages(descriptor: Descriptor) -> st.SearchStrategy[Message]:
    """Return any message of a type: each field set or not, to anything that the wire can carry."""
    return st.builds(
        _made,
        st.just(descriptor),
        st.fixed_dictionaries(
            {}, optional={field.name: _values(field) for field in descriptor.fields}
        ),
    )


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    inner = field.message_type
    one = st.deferred(lambda: messages(inner)) if inner else _TYPES[field.type]
    return st.lists(one, max_size=3) if field.is_repeated else one


def _made(descriptor: Descriptor, values: Mapping[str, Any]) -> Message:
    message = GetMessageClass(descriptor)()
    for name, value in values.items():
        if isinstance(value, list):
            getattr(message, name).extend(value)
        elif isinstance(value, Message):
            getattr(message, name).CopyFrom(value)
        else:
            setattr(message, name, value)
    return message


def names_a_field(descriptor: Descriptor, path: str) -> bool:
    """Whether a path names a field (or oneof) of a message."""
    current: Descriptor | None = descriptor
    for step in path.split("."):
        name, bracket, index = step.partition("[")
        if current is None or (bracket and not index.removesuffix("]").isdecimal()):
            return False
        if name in current.oneofs_by_name:
            current = None
            continue
        field = current.fields_by_name.get(name)
        if field is None or (bracket and not field.is_repeated):
            return False
        current = field.message_type
    return True
