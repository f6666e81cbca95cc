"""Which facts an expression reads, and where, as CEL's own checker resolved them.

Searching the text would take a comprehension's variable, or a word in a string, for a fact.
"""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import any_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.message import Message

from sekisho.domain.value import value

_PACKAGE: Final = "sekisho.cel_references"
# Those fields of `cel.expr.CheckedExpr` that tell the references. Maps, on the wire, are entries.
_MESSAGES: Final[
    Mapping[str, Mapping[str, tuple[int, str | FieldDescriptorProto.Type.ValueType]]]
] = {
    "Reference": {"name": (1, FieldDescriptorProto.TYPE_STRING)},
    "ReferenceEntry": {"key": (1, FieldDescriptorProto.TYPE_INT64), "value": (2, "Reference")},
    "PositionEntry": {
        "key": (1, FieldDescriptorProto.TYPE_INT64),
        "value": (2, FieldDescriptorProto.TYPE_INT32),
    },
    "SourceInfo": {"positions": (4, "PositionEntry")},
    "CheckedExpr": {"reference_map": (2, "ReferenceEntry"), "source_info": (5, "SourceInfo")},
}
_REPEATED: Final = frozenset({"positions", "reference_map"})


@value
class Reference:
    """A variable's name where an expression refers to it.

    `offset` is that of the name's last dot, or of its start where it has none, in characters.
    """

    name: str
    offset: int

    @property
    def start(self) -> int:
        """The offset at which the name starts, where it is written in one piece."""
        return self.offset - len(self.name.rpartition(".")[0])


def references_of(serialized: bytes) -> list[Reference]:
    """Return the variables that a serialised checked expression refers to, in their order."""
    packed = any_pb2.Any.FromString(serialized)
    # Its class is made below, so no checker can know its fields.
    checked: Any = _CheckedExpr.FromString(packed.value)
    positions = {entry.key: entry.value for entry in checked.source_info.positions}
    found = [
        Reference(entry.value.name, positions[entry.key])
        for entry in checked.reference_map
        if entry.value.name and entry.key in positions
    ]
    return sorted(found, key=lambda reference: reference.offset)


def _checked_expression() -> type[Message]:
    file = FileDescriptorProto(
        name="sekisho/cel_references.proto", package=_PACKAGE, syntax="proto3"
    )
    for message, fields in _MESSAGES.items():
        made = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            field = made.field.add(
                name=name, number=number, label=FieldDescriptorProto.LABEL_OPTIONAL
            )
            if name in _REPEATED:
                field.label = FieldDescriptorProto.LABEL_REPEATED
            if isinstance(kind, str):
                field.type, field.type_name = (
                    FieldDescriptorProto.TYPE_MESSAGE,
                    f".{_PACKAGE}.{kind}",
                )
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.CheckedExpr"))


_CheckedExpr: Final = _checked_expression()
