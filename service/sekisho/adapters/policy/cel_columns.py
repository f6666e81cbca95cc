"""Facts as columns: one list for each type, so that CEL is handed five values and not a hundred.

Handing a value over costs more than evaluating a rule on it, and a list's items are handed over
only when they are read.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Final

from cel_expr_python import cel

from sekisho.adapters.policy.cel import TYPES, Expression
from sekisho.domain.facts import FACTS, FactType, FactValue
from sekisho.domain.value import value

_NEUTRAL: Final[Mapping[FactType, FactValue]] = {
    FactType.BOOL: False,
    FactType.INT: 0,
    FactType.DOUBLE: 0.0,
    FactType.STRING: "",
    FactType.STRINGS: (),
}


@value
class _Column:
    variable: str
    type: FactType
    names: tuple[str, ...]
    read: Callable[[Mapping[str, FactValue]], tuple[FactValue, ...]]


class Columns:
    """The columns of the facts `names`."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = frozenset(names)
        self._columns: list[_Column] = []
        self._items: dict[str, str] = {}
        for kind in FactType:
            held = tuple(name for name in FACTS if name in wanted and FACTS[name].type is kind)
            if held:
                # No expression can name it: CEL has no fact, and no sane variable, called so.
                variable = f"_column_{kind.name.lower()}"
                # Asked for one item only, itemgetter would not make a tuple.
                read = itemgetter(*held, held[0])
                self._columns.append(_Column(variable, kind, held, read))
                self._items.update((name, f"{variable}[{i}]") for i, name in enumerate(held))

    def variables(self) -> dict[str, cel.Type]:
        """Return the columns' declarations."""
        return {column.variable: cel.Type.List(TYPES[column.type]) for column in self._columns}

    def rewrite(self, expression: Expression) -> str:
        """Return the expression's text with each fact's name replaced by its item."""
        text = expression.text
        for reference in reversed(expression.references):
            end = reference.start + len(reference.name)
            text = f"{text[: reference.start]}{self._items[reference.name]}{text[end:]}"
        return text

    def values(self, facts: Mapping[str, FactValue]) -> dict[str, object]:
        """Return the columns' values; KeyError where one is unknown."""
        return {column.variable: _listed(column, column.read(facts)) for column in self._columns}

    def values_or_neutral(self, facts: Mapping[str, FactValue]) -> dict[str, object]:
        """Return the columns' values, with any value at all where a fact is unknown.

        Only for expressions that read no unknown fact.
        """
        return {
            column.variable: _listed(
                column, [facts.get(name, _NEUTRAL[column.type]) for name in column.names]
            )
            for column in self._columns
        }


def _listed(column: _Column, values: Iterable[FactValue]) -> list[object]:
    # CEL knows lists, not tuples.
    if column.type is FactType.STRINGS:
        return [list(value) if isinstance(value, tuple) else value for value in values]
    return list(values)
