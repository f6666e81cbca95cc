"""One rule's expression in CEL: compiled over the declared facts, evaluated over the known ones.

A fact's dotted name is the CEL variable's own qualified name, so the checker knows each fact's
type, and a fact that is unknown is simply not there.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cel_expr_python import cel

from sekisho.adapters.policy.cel_faults import Fault, faults_of
from sekisho.adapters.policy.cel_references import Reference, references_of
from sekisho.domain.facts import FACTS, FactType, FactValue
from sekisho.domain.value import value

TYPES: Final[Mapping[FactType, cel.Type]] = {
    FactType.BOOL: cel.Type.BOOL,
    FactType.INT: cel.Type.INT,
    FactType.DOUBLE: cel.Type.DOUBLE,
    FactType.STRING: cel.Type.STRING,
    FactType.STRINGS: cel.Type.List(cel.Type.STRING),
}
_ENVIRONMENT: Final = cel.NewEnv(variables={fact.name: TYPES[fact.type] for fact in FACTS.values()})


class ExpressionError(ValueError):
    """An expression that does not compile to a truth over facts: every fault at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.message for fault in faults))


@value
class Expression:
    """A compiled expression. `facts` are the names that it reads, in the order of FACTS."""

    text: str
    facts: tuple[str, ...]
    references: tuple[Reference, ...]
    program: cel.Expression


def compile_expression(text: str) -> Expression:
    """Compile one rule's expression.

    Raises:
        ExpressionError: unknown names, wrong types, a result that is not a truth, no fact read.

    """
    try:
        program = _ENVIRONMENT.compile(text)
    except RuntimeError as error:
        raise ExpressionError(faults_of(text, str(error))) from None
    if program.return_type() != cel.Type.BOOL:
        result = program.return_type().name().lower()
        raise ExpressionError([Fault(1, 1, f"the result is {result}, and must be bool")])
    references = tuple(r for r in references_of(program.serialize()) if r.name in FACTS)
    names = {reference.name for reference in references}
    if not names:
        raise ExpressionError([Fault(1, 1, "the expression reads no fact")])
    if split := [r for r in references if not text.startswith(r.name, r.start)]:
        raise ExpressionError(
            [Fault.at(text, r.offset, f"write `{r.name}` in one piece") for r in split]
        )
    return Expression(text, tuple(name for name in FACTS if name in names), references, program)


def evaluate_alone(
    expressions: Sequence[Expression], facts: Mapping[str, FactValue]
) -> list[bool | str]:
    """Return each expression's truth over the known facts, or the text of its error.

    An error is a CEL value, and its Python form a text: only a bool is a result. What does not
    depend on an unknown fact has one all the same (`known || unknown`).
    """
    names = {name for expression in expressions for name in expression.facts} & facts.keys()
    # CEL knows lists, not tuples.
    data = {
        name: list(known) if isinstance(known := facts[name], tuple) else known for name in names
    }
    activation = _ENVIRONMENT.Activation(data)
    values = (expression.program.eval(activation).value() for expression in expressions)
    return [value if isinstance(value, bool) else str(value) for value in values]
