"""All rules at once: the domain's Evaluator in CEL."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from cel_expr_python import cel

from sekisho.adapters.policy.cel import Expression, evaluate_alone
from sekisho.adapters.policy.cel_columns import Columns
from sekisho.domain.facts import FactValue

_SKIP: Final = "_skip"


class CelEvaluator:
    """All the expressions as one list, compiled twice.

    One expression in error makes the list an error. So where facts are unknown, the second
    list skips those that read one, and they are evaluated alone.
    """

    def __init__(self, expressions: Sequence[Expression]) -> None:
        self._expressions = tuple(expressions)
        self._readers: dict[str, list[int]] = {}
        for index, expression in enumerate(expressions):
            for name in expression.facts:
                self._readers.setdefault(name, []).append(index)
        self._columns = Columns(self._readers)
        variables = self._columns.variables() | {_SKIP: cel.Type.List(cel.Type.BOOL)}
        self._environment = cel.NewEnv(variables=variables)
        # The line's end closes a comment that an expression may end in.
        texts = [f"({self._columns.rewrite(expression)}\n)" for expression in expressions]
        skipping = [f"{_SKIP}[{index}] ? false : {text}" for index, text in enumerate(texts)]
        self._whole = self._environment.compile(f"[{','.join(texts)}]")
        self._partly = self._environment.compile(f"[{','.join(skipping)}]")

    def evaluate(self, facts: Mapping[str, FactValue]) -> Sequence[bool | None]:
        """Return, rule by rule, its result; None where it depends on an unknown fact.

        None too where a value has not its fact's type, or the expression fails on it.
        """
        try:
            data = self._columns.values(facts)
        except KeyError:
            return self._evaluate_partly(facts)
        return self._run(self._whole, data, facts)

    def _evaluate_partly(self, facts: Mapping[str, FactValue]) -> Sequence[bool | None]:
        readers = self._readers
        skipped = {i for name in readers.keys() - facts.keys() for i in readers[name]}
        data = self._columns.values_or_neutral(facts)
        data[_SKIP] = [index in skipped for index in range(len(self._expressions))]
        results = self._run(self._partly, data, facts)
        alone = _alone([self._expressions[index] for index in skipped], facts)
        for index, result in zip(skipped, alone, strict=True):
            results[index] = result
        return results

    def _run(
        self, program: cel.Expression, data: Mapping[str, object], facts: Mapping[str, FactValue]
    ) -> list[bool | None]:
        results = program.eval(self._environment.Activation(data)).plain_value()
        if isinstance(results, list):
            return cast(list[bool | None], results)
        return _alone(self._expressions, facts)


def _alone(expressions: Sequence[Expression], facts: Mapping[str, FactValue]) -> list[bool | None]:
    results = evaluate_alone(expressions, facts)
    return [result if isinstance(result, bool) else None for result in results]
